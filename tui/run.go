package tui

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"zkdeck/config/ensemble"
	"zkdeck/zkview"
)

// fps is how often the terminal is drawn at most. Bubble Tea draws on a tick, so
// this bounds how long a key waits for its frame; news from the cluster comes in
// batches of its own, slower pace.
const fps = 120

// Options is what a run of the screen needs from outside.
type Options struct {
	// Session is open already (it need not be connected); Run closes it. Where it is
	// nil there is a Begin, and the start screen comes first.
	Session *zkview.Session
	// Begin opens other sessions; nil where the only one is Session.
	Begin *Begin
	// Sandbox tells that Session's server is the sandbox, and the header says so.
	Sandbox bool
	// Title is the profile's name or the connect string, for the header.
	Title string
	// Start is the path to open at first; empty means the root.
	Start string
	// Theme is "auto", "dark" or "light"; ASCII replaces all signs beyond ASCII.
	Theme string
	ASCII bool
	// Mouse takes clicks and the wheel from the terminal.
	Mouse bool
	// DraftDir is where text goes that was typed and not saved.
	DraftDir string
	// History are earlier lines of the command bar, oldest first; Remember, if not
	// nil, is handed the new history at the end.
	History  []string
	Remember func([]string)
	Logger   *slog.Logger
	// LockRoots returns below which paths locks are searched on the cluster with this
	// Title, none for all of it; RememberLockRoots is told when a person chooses
	// others. They may read and write files. Where they are nil, nothing is remembered.
	LockRoots         func(title string) []string
	RememberLockRoots func(title string, roots []string) error
	// Tour shows a newcomer around the sandbox; nil where nobody is new.
	Tour *Tour

	// Ensembles are the real servers on this machine; nil where there is no screen for
	// them.
	Ensembles *ensemble.Store

	// Lab opens the program with the lock lab in front of the first session; nil: with
	// its tree. Lessons is the folder of a person's own lessons for it, empty for none.
	Lab     *LabStart
	Lessons string

	// ensembles takes the place of Ensembles in tests; board is that of the program.
	ensembles ensembleStore
	board     *ensembleBoard

	// patience, if not 0, takes the place of all times that the end of the program waits
	// for what runs; for tests.
	patience time.Duration

	// Input, Output, Environ and Size replace the terminal, Profile what it can
	// show, and Now the clock; for tests and benchmarks.
	Input   io.Reader
	Output  io.Writer
	Environ []string
	Size    [2]int
	Profile *colorprofile.Profile
	Now     func() time.Time
}

// waits is how long the end waits for something that usually is given limit.
func (o *Options) waits(limit time.Duration) time.Duration {
	return cmp.Or(o.patience, limit)
}

// Run shows the screen until the person quits or ctx ends, and closes the
// session, and whatever else Options.Begin opened. It returns what could not be done, never that somebody quit. Drafts
// that were saved on the way out are told on stderr after the terminal is
// restored.
func Run(ctx context.Context, o Options) error {
	outer := ctx
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	a := newApp(ctx, o)
	defer a.end()
	// Signals come as the end of ctx and leave the same way as a key does: a program
	// that Bubble Tea interrupts closes its input under its reader.
	opts := []tea.ProgramOption{tea.WithoutSignalHandler(), tea.WithFPS(fps)}
	if o.Input != nil {
		opts = append(opts, tea.WithInput(o.Input))
	}
	if o.Output != nil {
		opts = append(opts, tea.WithOutput(o.Output))
	}
	if o.Environ != nil {
		opts = append(opts, tea.WithEnvironment(o.Environ))
	}
	if o.Size != [2]int{} {
		opts = append(opts, tea.WithWindowSize(o.Size[0], o.Size[1]))
	}
	if o.Profile != nil {
		opts = append(opts, tea.WithColorProfile(*o.Profile))
	}
	p := tea.NewProgram(a, opts...)
	ended := make(chan struct{})
	var leaving sync.WaitGroup
	leaving.Go(func() {
		select {
		case <-outer.Done():
			p.Send(leaveMsg{})
		case <-ended:
		}
	})
	_, err := p.Run()
	close(ended)
	leaving.Wait()
	if m := a.main; m != nil {
		if o.Remember != nil {
			o.Remember(m.command.history)
		}
		if err != nil && !m.quitting {
			m.saveDrafts() // a panic: what was typed is not lost
		}
	}
	for _, line := range a.end() {
		fmt.Fprintln(os.Stderr, line)
	}
	if err == nil || errors.Is(err, tea.ErrInterrupted) {
		return nil
	}
	return fmt.Errorf("run the screen: %w", err)
}
