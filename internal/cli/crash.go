package cli

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
)

// crashLimit is the size in bytes at which the file of crash reports starts anew.
const crashLimit = 1 << 20

// openReport opens the file of crash reports at its end, readable by its owner
// only.
func openReport(path string) (*os.File, error) {
	mode := os.O_WRONLY | os.O_APPEND | os.O_CREATE
	if info, err := os.Stat(path); err == nil && info.Size() > crashLimit {
		mode |= os.O_TRUNC
	}
	f, err := os.OpenFile(path, mode, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the crash report: %w", err)
	}
	if err := f.Chmod(0o600); err != nil && runtime.GOOS != "windows" {
		return nil, errors.Join(fmt.Errorf("closing the crash report to others: %w", err), f.Close())
	}
	return f, nil
}

// reportCrashes has the Go runtime write every crash of the process, also one in
// a goroutine of a library, to the file of crash reports. What Bubble Tea catches
// does not come here.
func reportCrashes(path string) error {
	f, err := openReport(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // the runtime keeps a copy of its own
	if err := debug.SetCrashOutput(f, debug.CrashOptions{}); err != nil {
		return fmt.Errorf("naming the crash report: %w", err)
	}
	return nil
}
