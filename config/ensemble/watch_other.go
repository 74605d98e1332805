//go:build !unix

package ensemble

// there reports whether a process is: nobody can tell here.
func there(int) bool { return true }
