//go:build !unix

package ensemble

func freeSpace(string) (free uint64, disk string, err error) { return 0, "", ErrUnsupported }

func isFull(error) bool { return false }
