package cli

import (
	"os"
	"os/signal"
	"syscall"
)

// outlive has this process go on when its terminal goes away: servers that are being
// started are to be there afterwards, all of them, as was asked for. The signal is
// taken and not ignored, since a server would inherit that.
func outlive() {
	signal.Reset(syscall.SIGHUP) // takes it from whoever has asked for it before
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
}
