package cli

import (
	"fmt"
	"os"
	"runtime/debug"
)

// crashLimit is the size in bytes at which the file of crash reports starts anew.
const crashLimit = 1 << 20

// reportCrashes has the Go runtime write every crash of the process, also one in
// a goroutine of a library, to the end of a file that only its owner may read.
// What Bubble Tea catches does not come here.
func reportCrashes(path string) error {
	mode := os.O_WRONLY | os.O_APPEND | os.O_CREATE
	if info, err := os.Stat(path); err == nil && info.Size() > crashLimit {
		mode |= os.O_TRUNC
	}
	f, err := os.OpenFile(path, mode, 0o600)
	if err != nil {
		return fmt.Errorf("opening the crash report: %w", err)
	}
	defer func() { _ = f.Close() }() // the runtime keeps a copy of its own
	if err := f.Chmod(0o600); err != nil {
		return fmt.Errorf("closing the crash report to others: %w", err)
	}
	if err := debug.SetCrashOutput(f, debug.CrashOptions{}); err != nil {
		return fmt.Errorf("naming the crash report: %w", err)
	}
	return nil
}
