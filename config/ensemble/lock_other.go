//go:build !unix

package ensemble

import "os"

func supported() error { return ErrUnsupported }

func lockFile(*os.File) error { return ErrUnsupported }
