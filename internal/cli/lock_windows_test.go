package cli

// What a command under a lock does is tested where there are process groups.
func underLockMain() int { return exitUsage }
func signalsMain() int   { return exitUsage }
