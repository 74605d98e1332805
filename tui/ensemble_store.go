package tui

import (
	"context"
	"time"

	"zkdeck/config/ensemble"
)

// ensembleStore is what the board asks of the ensembles on this machine. The calls
// read files and processes, and block until they are done or their context ends.
type ensembleStore interface {
	// list returns all ensembles by name, also those that cannot be opened.
	list(ctx context.Context) ([]ensembleListed, error)
	// orphans says of each Java process that runs one of our configurations and belongs
	// to none of them, in a sentence, what it is.
	orphans(ctx context.Context) ([]string, error)
	// maker plans and writes new ones.
	maker() wizardMaker
}

// ensembleListed is an ensemble as it was found on disk.
type ensembleListed struct {
	name string
	plan ensemble.Plan
	unit ensembleUnit // nil where err tells why it cannot be opened
	err  error
}

// ensembleUnit is one ensemble. The calls block; those with ids mean all servers where
// none is given.
type ensembleUnit interface {
	Start(ctx context.Context, ids ...int) error
	Stop(ctx context.Context, ids ...int) error
	Kill(ctx context.Context, ids ...int) error
	Pause(ctx context.Context, ids ...int) error
	Resume(ctx context.Context, ids ...int) error
	Restart(ctx context.Context, ids ...int) error
	Wipe(ctx context.Context, id int) error
	Remove(ctx context.Context, id int, progress func(string)) error
	Down(ctx context.Context, purge bool) error
	add(ctx context.Context, observer bool, progress func(string)) (id int, err error)
	// watch looks at the servers aside until Close.
	watch() ensembleWatcher
	// logs reads the last tail entries of the logs of these servers, of all if there is
	// none, and then what is appended until ctx ends.
	logs(ctx context.Context, ids []int, tail int, each func(logEntry) error) error
}

// ensembleWatcher looks at the servers of an ensemble aside.
type ensembleWatcher interface {
	Changed() <-chan struct{}
	Status() ensemble.Status
	Events() []ensemble.Event
	Poke()
	Calm(calm bool)
	Close()
}

// logEntry is an entry of a server's log: a line, and what belongs to it. It is data.
type logEntry struct {
	server int
	at     time.Time
	level  string
	text   string
}
