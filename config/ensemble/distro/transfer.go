package distro

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
)

// maxTries is how often a connection that breaks is taken up again, if each brought
// something.
const maxTries = 8

// download fetches the archive of a version into its part, or what is missing of it,
// and checks it against the SHA-512 that is expected. The caller closes the part.
func (s *session) download(ctx context.Context, version string, want expected) (*part, error) {
	p, err := openPart(s.Dir, archiveName(version), want.sum)
	if err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		before := p.size
		if !p.complete() {
			err = s.transfer(ctx, p, version)
		}
		if err == nil {
			err = s.verify(ctx, p, want)
			var wrong *MismatchError
			if errors.As(err, &wrong) && p.resumed {
				// Two halves of different files, or an old half that the disk damaged.
				s.log().Warn("the download is taken from its beginning", "error", err)
				if err = p.restart(origin{}); err == nil {
					continue
				}
			}
			if errors.As(err, &wrong) {
				p.remove()
				return nil, err
			}
		}
		if err == nil {
			return p, nil
		}
		var broken *brokenError
		if ctx.Err() == nil && errors.As(err, &broken) && p.size > before && try < maxTries {
			s.log().Info("the connection broke and is taken up again", "error", err)
			err, p.resumed = nil, true
			continue
		}
		return nil, p.giveUp(err)
	}
}

// giveUp closes a part that stays, and deletes one that has nothing in it.
func (p *part) giveUp(err error) error {
	if p.size == 0 {
		p.remove()
		return err
	}
	p.close()
	return &InterruptedError{Part: p.file.Name(), Done: p.size, Total: p.of.Total, Err: err}
}

// brokenError is a body that ended before its end.
type brokenError struct{ err error }

func (e *brokenError) Error() string { return e.err.Error() }
func (e *brokenError) Unwrap() error { return e.err }

// transfer asks one server after another for the archive, until one has it.
func (s *session) transfer(ctx context.Context, p *part, version string) error {
	var failed []error
	missing := true
	for _, base := range s.bases(s.Mirror, DefaultMirror) {
		address := base + "/zookeeper-" + version + "/" + archiveName(version)
		err := s.from(ctx, p, address)
		if errors.Is(err, errOther) {
			if err = p.restart(origin{}); err == nil {
				err = s.from(ctx, p, address)
			}
		}
		var broken *brokenError
		var disk *writeError
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &broken), errors.As(err, &disk):
			return err
		}
		s.log().Info("not from here", "url", address, "error", err)
		missing = missing && notThere(err)
		failed = append(failed, err)
	}
	if missing {
		return fmt.Errorf("there is no such archive: %w; `zkdeck ensemble download --list` shows what there is", several(failed))
	}
	return several(failed)
}

// from fetches what is missing of a part from one address.
func (s *session) from(ctx context.Context, p *part, address string) error {
	resp, err := s.web.get(ctx, address, p.ask(address))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if err := p.accept(address, resp); err != nil {
		if errors.Is(err, io.EOF) {
			return nil
		}
		return err
	}
	s.log().Info("downloading", "url", address, "from", p.size, "of", p.of.Total)
	tell := func() {
		s.tell(Progress{Step: "download", Done: p.size, Total: p.of.Total, From: host(address)})
	}
	tell()
	buf := make([]byte, copySize)
	for {
		n, err := resp.Body.Read(buf)
		if p.size+int64(n) > maxArchive {
			return errors.Join(fmt.Errorf("%s goes on after %d bytes, which is no archive of ZooKeeper", address, p.size), p.restart(origin{}))
		}
		if n > 0 {
			if err := p.write(buf[:n]); err != nil {
				return err
			}
			tell()
		}
		switch {
		case errors.Is(err, io.EOF):
			if p.size < p.of.Total {
				return &brokenError{fmt.Errorf("%s sent less than it promised", host(address))}
			}
			p.of.Total = p.size // of a server that does not tell lengths; the checksum says whether that is all
			return nil
		case err != nil:
			return &brokenError{fmt.Errorf("%s broke off: %w", host(address), err)}
		}
	}
}

// verify holds a part to the checksum.
func (s *session) verify(ctx context.Context, p *part, want expected) error {
	got, err := s.sumOf(ctx, p.file, p.size)
	if err != nil {
		return fmt.Errorf("reading %s: %w", p.file.Name(), err)
	}
	if got != want.sum {
		name := filepath.Base(p.of.URL)
		return &MismatchError{File: name, From: want.from, Want: string(want.sum), Got: string(got)}
	}
	return nil
}
