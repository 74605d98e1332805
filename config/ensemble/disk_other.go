//go:build !unix

package ensemble

func freeSpace(string) (free, disk uint64, err error) { return 0, 0, ErrUnsupported }

func isFull(error) bool { return false }
