package zkview

import (
	"context"
	"errors"
	"fmt"

	"zkdeck/zkview/wire"
)

// readTries bounds how often a read is sent again: a request whose answer ends
// the connection every time must not do so for ever.
const readTries = 5

// ticket is the right to give one request to the library.
type ticket struct {
	link       *link
	wire       *wire.Conn // nil if it has just been lost
	generation uint64
	epoch      uint64
}

// anyEpoch lets a call run in whatever session there is.
const anyEpoch = ^uint64(0)

// ready waits until the session is connected by a connection later than the
// given generation. It fails with ErrNotSent and the reason for the wait when ctx
// ends, with ErrClosed, or with ErrNotSent when the session that the caller
// means (epoch) is lost for good.
func (s *Session) ready(ctx context.Context, after, epoch uint64) (ticket, error) {
	for {
		s.mu.Lock()
		st, turn := s.status, s.turn
		t := ticket{s.link, s.link.wire, st.Generation, s.epoch}
		open, over := s.open && st.Generation > after, s.over
		s.mu.Unlock()
		switch {
		case over:
			return ticket{}, ErrSessionOver
		case st.State == Closed:
			return ticket{}, ErrClosed
		case epoch != anyEpoch && epoch != t.epoch:
			return ticket{}, fmt.Errorf("%w: the session that this was meant for is gone", ErrNotSent)
		case ctx.Err() != nil:
			return ticket{}, notReady(ctx, st)
		case open:
			return t, nil
		}
		select {
		case <-turn:
		case <-ctx.Done():
		}
	}
}

// Ready waits until the session is connected. It fails with ErrClosed, or, when ctx
// ends first, with ErrNotSent, why there is no connection, and ctx's error.
func (s *Session) Ready(ctx context.Context) error {
	_, err := s.ready(ctx, 0, anyEpoch)
	return err
}

// notReady is the error of a call that waited for a connection in vain.
func notReady(ctx context.Context, st Status) error {
	if st.Why == "" {
		return fmt.Errorf("%w: %w", ErrNotSent, context.Cause(ctx))
	}
	return fmt.Errorf("%w: %s (%w)", ErrNotSent, st.Why, context.Cause(ctx))
}

// admit waits for a connection and for a slot.
func (s *Session) admit(ctx context.Context, after, epoch uint64) (ticket, func(), error) {
	for {
		if _, err := s.ready(ctx, after, epoch); err != nil {
			return ticket{}, nil, err
		}
		release, err := s.limiter.acquire(ctx)
		if err != nil {
			return ticket{}, nil, fmt.Errorf("%w: too many requests are under way (%w)", ErrNotSent, err)
		}
		s.mu.Lock()
		t := ticket{s.link, s.link.wire, s.status.Generation, s.epoch}
		ok := s.open && t.generation > after && (epoch == anyEpoch || epoch == t.epoch)
		s.mu.Unlock()
		if ok {
			return t, release, nil
		}
		release()
	}
}

// once runs one request on the library, which knows no context: when ctx ends
// first, the call is left behind and keeps its slot until the library returns,
// which it does at the latest when its link ends.
func once[T any](ctx context.Context, s *Session, after, epoch uint64, f func(*link) (T, error)) (T, ticket, error) {
	var zero T
	t, release, err := s.admit(ctx, after, epoch)
	if err != nil {
		return zero, t, err
	}
	type answer struct {
		value T
		err   error
	}
	done := make(chan answer, 1)
	go func() {
		defer release()
		value, err := f(t.link)
		done <- answer{value, reason(err)}
	}()
	select {
	case a := <-done:
		if errors.Is(a.err, ErrNoAuth) && !s.current(t) {
			a.err = fmt.Errorf("%w: it got to another connection before our identities", ErrNotSent)
		}
		return a.value, t, a.err
	case <-ctx.Done():
		return zero, t, fmt.Errorf("%w (%w)", ErrUnknownOutcome, context.Cause(ctx))
	}
}

// current reports whether the connection of a ticket is still the one in use. If
// not, the library may have given the request to the next one by itself.
func (s *Session) current(t ticket) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open && s.link == t.link && s.status.Generation == t.generation
}

// read runs a request that changes nothing, again on the next connection when one
// is lost, while ctx lives.
func read[T any](ctx context.Context, s *Session, op, path string, f func(*link) (T, error)) (T, error) {
	var zero T
	if err := CheckPath(path); err != nil {
		return zero, &OpError{op, path, err}
	}
	ctx, cancel := withDeadline(ctx)
	defer cancel()
	after := uint64(0)
	for try := 1; ; try++ {
		value, t, err := once(ctx, s, after, anyEpoch, f)
		switch {
		case err == nil:
			return value, nil
		case ctx.Err() != nil && errors.Is(err, ErrUnknownOutcome):
			// Of a read, "unknown outcome" says nothing.
			return zero, &OpError{op, path, fmt.Errorf("no answer: %w", context.Cause(ctx))}
		case t.link == nil || !lost(err) || try == readTries:
			return zero, &OpError{op, path, err}
		}
		after = t.generation
	}
}

// withDeadline gives a context without a deadline one.
func withDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, callTimeout)
}

// currentEpoch is what a write that is asked for now is meant for.
func (s *Session) currentEpoch() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.epoch
}
