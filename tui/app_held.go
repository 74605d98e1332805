package tui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"zkdeck/zkview"
)

// endGrace is how long the end of the program waits for an Open that does not heed
// the end of its context.
const endGrace = 3 * time.Second

// holding is something opened that is ours to close.
type holding struct {
	Opened
	once sync.Once
}

// close closes it, the first time that it is called.
func (h *holding) close() {
	h.once.Do(func() {
		_ = h.Session.Close() // it has no error to tell
		if h.Close != nil {
			h.Close()
		}
	})
}

// holdings are all that was opened and is not closed yet, and the calls that open
// and close. Whatever happens to a message that tells of something opened, end
// closes it.
type holdings struct {
	mu    sync.Mutex
	all   map[*holding]bool
	ended bool
	calls sync.WaitGroup
	// farewell is said on stderr after the terminal is restored.
	farewell []string
}

func (h *holdings) add(one *holding) {
	if h.all == nil {
		h.all = map[*holding]bool{}
	}
	h.all[one] = true
}

// open makes the call open and waits until what it opened is connected. What comes
// after the end, or cannot be reached, is closed at once.
func (h *holdings) open(ctx context.Context, open func(context.Context, Choice) (Opened, error), c Choice) (*holding, error) {
	h.mu.Lock()
	if h.ended {
		h.mu.Unlock()
		return nil, context.Canceled
	}
	h.calls.Add(1)
	h.mu.Unlock()
	defer h.calls.Done()
	opened, err := open(ctx, c)
	if err != nil {
		return nil, err
	}
	one := &holding{Opened: opened}
	if err := reach(ctx, opened.Session); err != nil {
		one.close()
		return nil, err
	}
	h.mu.Lock()
	late := h.ended
	if !late {
		h.add(one)
	}
	h.mu.Unlock()
	if late {
		one.close()
		return nil, context.Canceled
	}
	return one, nil
}

// reach waits until a session is connected, or until each of its servers was tried
// in vain. The session has no other reader yet.
func reach(ctx context.Context, s *zkview.Session) error {
	for last := false; ; {
		st := s.Status()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case st.State == zkview.Connected:
			return nil
		case st.Why != "" && (st.Servers == 1 || st.State == zkview.Closed):
			return errors.New(st.Why)
		case st.Why != "" && last && st.Attempt < st.Servers: // the next lap
			return fmt.Errorf("none of the %d servers has taken the connection: %s", st.Servers, st.Why)
		}
		last = last || st.Attempt == st.Servers
		select {
		case <-ctx.Done():
		case <-s.Changed():
		}
	}
}

// drop closes one aside, after before, which may be nil.
func (h *holdings) drop(one *holding, before func() []string) {
	h.calls.Go(func() {
		var lines []string
		if before != nil {
			lines = before()
		}
		one.close()
		h.mourn(lines)
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.all, one)
	})
}

// mourn adds lines for stderr.
func (h *holdings) mourn(lines []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.farewell = append(h.farewell, lines...)
}

// end closes everything and waits for calls under way, for as long as limit.
func (h *holdings) end(limit time.Duration) {
	h.mu.Lock()
	h.ended = true
	rest := make([]*holding, 0, len(h.all))
	for one := range h.all {
		rest = append(rest, one)
	}
	h.mu.Unlock()
	for _, one := range rest {
		one.close()
	}
	done := make(chan struct{})
	go func() {
		h.calls.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(limit):
	}
}

// said are the lines for stderr so far.
func (h *holdings) said() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.farewell)
}
