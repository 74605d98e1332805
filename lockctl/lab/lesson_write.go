package lab

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"zkdeck/internal/safetext"
)

// WriteLessons writes the lessons that come with zkdeck into a folder, which it makes if
// it is not there, and returns the paths that it wrote. What is there already stays as
// it is, and is an error of [fs.ErrExist]; the others are written nevertheless.
func WriteLessons(dir string) ([]string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("making the folder of lessons: %w", err)
	}
	names, err := fs.Glob(own, "lessons/*"+lessonExt)
	if err != nil {
		return nil, fmt.Errorf("looking for lessons: %w", err)
	}
	var wrote []string
	var errs []error
	for _, name := range names {
		path := filepath.Join(dir, filepath.Base(name))
		err := writeNew(path, name)
		switch {
		case errors.Is(err, fs.ErrExist):
			errs = append(errs, fmt.Errorf("%s stays as it is (%w); delete it to have the original again", safetext.Clean(path), fs.ErrExist))
		case err != nil:
			return wrote, errors.Join(append(errs, fmt.Errorf("writing a lesson: %w", err))...)
		default:
			wrote = append(wrote, path)
		}
	}
	return wrote, errors.Join(errs...)
}

// writeNew writes a lesson to a file that must not be there.
func writeNew(path, name string) error {
	text, err := own.ReadFile(name)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	if _, err = f.Write(text); err != nil {
		_ = f.Close()
		_ = os.Remove(path)
		return err
	}
	return f.Close()
}
