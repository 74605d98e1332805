package cli

import (
	"context"
	"fmt"
	"io"
	"os"

	"zkdeck/internal/safetext"
)

// openInput opens a file to read, - for standard input. A named pipe is waited for
// until somebody writes to it, or ctx ends.
func openInput(ctx context.Context, name string) (*os.File, error) {
	if name == "-" {
		return os.Stdin, nil
	}
	type opened struct {
		file *os.File
		err  error
	}
	done := make(chan opened, 1)
	go func() { // ends with the process where nobody comes to write
		file, err := os.Open(name)
		done <- opened{file, err}
	}()
	var got opened
	select {
	case got = <-done:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if got.err != nil {
		return nil, usage(got.err)
	}
	if info, err := got.file.Stat(); err == nil && info.IsDir() {
		_ = got.file.Close()
		return nil, usage(fmt.Errorf("%s is a folder, not an export", safetext.Clean(name)))
	}
	return got.file, nil
}

// interruptible reads r until ctx ends. No signal ends a read of a pipe or of a
// terminal that says nothing; the read is left behind then, until the process ends.
func interruptible(ctx context.Context, r io.Reader) io.Reader {
	out, in := io.Pipe()
	context.AfterFunc(ctx, func() { _ = out.CloseWithError(context.Cause(ctx)) })
	go func() {
		_, err := io.CopyBuffer(in, struct{ io.Reader }{r}, make([]byte, 256<<10))
		_ = in.CloseWithError(err)
	}()
	return out
}
