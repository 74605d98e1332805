package ensemble

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// errLocked is what lockFile gives when somebody else has the lock.
var errLocked = errors.New("somebody else has the lock")

// ErrUnsupported is what every operation on processes answers on a system where
// servers cannot be launched.
var ErrUnsupported = errors.New("servers can be launched on Linux and macOS only; write the files with `zkdeck ensemble export` and run them there")

// BusyError says that somebody else works on the ensemble's servers.
type BusyError struct {
	// Name is the ensemble's.
	Name string
	// Pid is the process that does, 0 where it did not say; Since is when it began.
	Pid   int
	Since time.Time
}

func (e *BusyError) Error() string {
	who := "another zkdeck"
	if e.Pid == os.Getpid() {
		who = "an operation of this zkdeck"
	} else if e.Pid > 0 {
		who = fmt.Sprintf("another zkdeck (pid %d)", e.Pid)
	}
	if !e.Since.IsZero() {
		who += fmt.Sprintf(", since %s,", e.Since.Format(time.TimeOnly))
	}
	return fmt.Sprintf("%s works on the ensemble %s; wait until it is done", who, e.Name)
}

const (
	// lockPatience is how long an operation waits for the one before it, unless a test
	// says otherwise.
	lockPatience = 2 * time.Second
	// lockEvery is how often it looks whether it may begin.
	lockEvery = 15 * time.Millisecond
)

// locked runs do while nobody else, in this process or in another, changes this
// ensemble or starts or ends its servers. The plan is read again first. It waits a
// little for its turn and then gives a *BusyError. It must not be called from
// inside do: what is to be used there has a name that ends in Locked.
func (e *Ensemble) locked(ctx context.Context, do func() error) error {
	if err := supported(); err != nil {
		return err
	}
	f, err := e.lock(ctx)
	if err != nil {
		return err
	}
	defer f.Close() // drops the lock
	if err := e.finishChange(); err != nil {
		return err
	}
	if err := e.Reload(); err != nil {
		return err
	}
	return do()
}

// lockPath is the file whose lock makes operations wait for each other.
func (e *Ensemble) lockPath() string { return filepath.Join(e.Dir(), "lock") }

// lock waits for the ensemble's lock and writes into its file who has it.
func (e *Ensemble) lock(ctx context.Context) (*os.File, error) {
	deadline := time.Now().Add(e.store.turn)
	for {
		f, err := os.OpenFile(e.lockPath(), os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return nil, e.goneOr(fmt.Errorf("locking the ensemble %s: %w", e.Name(), err))
		}
		err = lockFile(f)
		if err == nil && sameFile(f, e.lockPath()) {
			note := fmt.Sprintf("%d %d\n", os.Getpid(), time.Now().UnixNano())
			_ = f.Truncate(0)
			_, _ = f.WriteAt([]byte(note), 0) // who has it is told for comfort only
			return f, nil
		}
		busy := e.busy(f)
		f.Close()
		if err != nil && !errors.Is(err, errLocked) {
			return nil, fmt.Errorf("locking the ensemble %s: %w", e.Name(), err)
		}
		if ctx.Err() == nil && !time.Now().Before(deadline) {
			return nil, busy
		}
		if err := pause(ctx, lockEvery); err != nil {
			return nil, fmt.Errorf("waiting for another operation on the ensemble %s: %w", e.Name(), err)
		}
	}
}

// busy reads who has the lock.
func (e *Ensemble) busy(f *os.File) *BusyError {
	busy := &BusyError{Name: e.Name()}
	text, err := io.ReadAll(io.LimitReader(f, 100))
	if err != nil {
		return busy
	}
	if fields := strings.Fields(string(text)); len(fields) == 2 {
		if ns, err := strconv.ParseInt(fields[1], 10, 64); err == nil {
			busy.Since = time.Unix(0, ns)
		}
		busy.Pid, _ = strconv.Atoi(fields[0])
	}
	return busy
}

// goneOr is err, or that the ensemble is no longer there if that is why.
func (e *Ensemble) goneOr(err error) error {
	if _, statErr := os.Stat(e.Dir()); errors.Is(statErr, os.ErrNotExist) {
		return fmt.Errorf("%w: the folder %s of %s is gone", ErrNoEnsemble, e.Dir(), e.Name())
	}
	return err
}

// sameFile reports whether path is still the file that f has open: the folder may
// have been removed while we waited for the lock in it.
func sameFile(f *os.File, path string) bool {
	a, err := f.Stat()
	if err != nil {
		return false
	}
	b, err := os.Stat(path)
	return err == nil && os.SameFile(a, b)
}
