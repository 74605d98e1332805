package screentest

import (
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
)

// Deadline is how long a wait lasts before it fails the test. It is generous
// because a shared machine under the race detector is slow; a wait that is
// fulfilled takes no longer than it must.
const Deadline = 60 * time.Second

// Term is a terminal: an emulator with at most one program running in it. Its
// methods are for the test's goroutine.
type Term struct {
	t testing.TB

	mu sync.Mutex
	// emu is a plain emulator under mu: the library's SafeEmulator hands out cells
	// that the next write changes.
	emu       *vt.Emulator
	changed   chan struct{} // closed, and made anew, by each write and by the end
	modes     map[ansi.Mode]bool
	clipboard string
	tap       func([]byte)
	out       output
	program   program
	size      tea.WindowSizeMsg // which a model has got last
	ended     bool
	err       error

	started time.Time
	toProg  io.Writer // the program's input
	replies sync.WaitGroup
	// closeInput ends the program's input and with it the pump of replies.
	closeInput func()
}

// output counts what the program wrote.
type output struct {
	bytes  int64
	writes int64
	last   time.Time // when the last bytes arrived, before they were drawn
}

// New returns a terminal of w columns and h rows. When the test ends, a program
// that still runs in it is ended and waited for.
func New(t testing.TB, w, h int) *Term {
	t.Helper()
	term := &Term{
		t:       t,
		emu:     vt.NewEmulator(w, h),
		changed: make(chan struct{}),
		modes:   map[ansi.Mode]bool{ansi.ModeTextCursorEnable: true},
	}
	term.emu.SetCallbacks(vt.Callbacks{
		EnableMode:  func(m ansi.Mode) { term.modes[m] = true },
		DisableMode: func(m ansi.Mode) { term.modes[m] = false },
	})
	term.emu.RegisterOscHandler(52, term.copied)
	term.emu.RegisterCsiHandler('r', term.margins)
	return term
}

// margins keeps the bottom of a scroll region within the screen, as terminals do,
// and leaves the rest to the emulator, which takes any bottom and then fails on the
// rows that it lacks. A program that has not heard of a smaller size yet asks so.
func (t *Term) margins(params ansi.Params) bool {
	if len(params) > 1 && params[1].Param(0) > t.emu.Height() {
		params[1] = ansi.Param(t.emu.Height())
	}
	return false
}

// Tap hands every write of the program to see before it is drawn, for tests of
// the bytes themselves. Call it before the program starts; see must not keep p nor
// call the Term.
func (t *Term) Tap(see func(p []byte)) { t.tap = see }

// arrive draws bytes that the program wrote.
func (t *Term) arrive(p []byte) (int, error) {
	at := time.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.tap != nil {
		t.tap(p)
	}
	t.out.bytes += int64(len(p))
	t.out.writes++
	t.out.last = at
	n, err := t.emu.Write(p)
	t.wake()
	return n, err
}

// wake tells whoever waits that something happened. The caller holds mu.
func (t *Term) wake() {
	close(t.changed)
	t.changed = make(chan struct{})
}

// Screen returns the rows of the screen as plain text, joined by newlines, each
// without its trailing blanks. There are as many rows as the terminal is high.
func (t *Term) Screen() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text()
}

// text is Screen for callers that hold mu.
func (t *Term) text() string {
	var b, row strings.Builder
	for y := range t.emu.Height() {
		if y > 0 {
			b.WriteByte('\n')
		}
		row.Reset()
		for x := 0; x < t.emu.Width(); {
			cell := t.emu.CellAt(x, y)
			if cell == nil || cell.Content == "" {
				row.WriteByte(' ')
				x++
				continue
			}
			row.WriteString(cell.Content)
			x += max(cell.Width, 1)
		}
		b.WriteString(strings.TrimRight(row.String(), " "))
	}
	return b.String()
}

// WaitFor blocks until cond holds of the screen and returns when the bytes
// arrived that made it so. If that does not happen within [Deadline], or the
// program ends before, it fails the test; what names the condition in the
// failure, as in "waited for the filter".
func (t *Term) WaitFor(cond func(screen string) bool, what string) time.Time {
	t.t.Helper()
	timeout := time.NewTimer(Deadline)
	defer timeout.Stop()
	for {
		t.mu.Lock()
		screen, at := t.text(), t.out.last
		changed, ended, err := t.changed, t.ended, t.err
		t.mu.Unlock()
		if cond(screen) {
			return at
		}
		if ended {
			t.t.Fatalf("waited for %s, but the program has ended (error: %v) with this screen:\n%s", what, err, frame(screen))
		}
		select {
		case <-changed:
		case <-timeout.C:
			t.t.Fatalf("waited %s for %s; the screen is:\n%s", Deadline, what, frame(screen))
		}
	}
}

// WaitForText is [Term.WaitFor] every one of texts to be on the screen.
func (t *Term) WaitForText(texts ...string) time.Time {
	t.t.Helper()
	return t.WaitFor(func(screen string) bool {
		for _, text := range texts {
			if !strings.Contains(screen, text) {
				return false
			}
		}
		return true
	}, "the text "+strings.Join(texts, ", "))
}

// frame draws a border around a screen, so that blanks show in a failure.
func frame(screen string) string {
	return "┌\n│" + strings.ReplaceAll(screen, "\n", "\n│") + "\n└"
}

// Started returns when the program was started.
func (t *Term) Started() time.Time { return t.started }

// Written returns how many bytes the program has written so far.
func (t *Term) Written() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.out.bytes
}

// Writes returns in how many pieces they came. A program that draws a frame in one
// write of up to 4 KB has drawn as many frames.
func (t *Term) Writes() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.out.writes
}

// pump carries the emulator's answers, keys and mouse events to the program's
// input. The emulator's pipe has no buffer and is written to while drawing, so
// the program's own input must never be what blocks it.
func (t *Term) pump() {
	defer t.replies.Done()
	queue := make(chan []byte, 1024)
	t.replies.Go(func() {
		for p := range queue {
			if _, err := t.toProg.Write(p); err != nil && !isClosed(err) {
				t.t.Errorf("writing to the program: %v", err)
			}
		}
	})
	defer close(queue)
	buf := make([]byte, 4096)
	for {
		n, err := t.emu.Read(buf)
		if n > 0 {
			queue <- append([]byte(nil), buf[:n]...)
		}
		if err != nil {
			return
		}
	}
}

// stopPump ends the emulator's side of the input. Emulator.Close is not used: it
// sets a flag that Read reads unguarded.
func (t *Term) stopPump() {
	if pipe, ok := t.emu.InputPipe().(io.Closer); ok {
		_ = pipe.Close()
	}
	t.closeInput()
	t.replies.Wait()
}
