//go:build unix

package ensemble

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// freeSpace is how many bytes we may write on the disk of a folder, and which disk
// it is.
func freeSpace(dir string) (free uint64, disk string, err error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return 0, "", err
	}
	var stat unix.Stat_t
	if err := unix.Stat(dir, &stat); err != nil {
		return 0, "", err
	}
	available := uint64(fs.Bavail) //nolint:unconvert // it has a sign on FreeBSD
	return available * uint64(fs.Bsize), fmt.Sprint(stat.Dev), nil
}

// isFull tells that a write failed because there is no room.
func isFull(err error) bool {
	return errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT)
}
