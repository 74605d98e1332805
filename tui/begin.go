package tui

import (
	"context"

	"zkdeck/zkview"
)

// Begin is what a run needs to open a session by itself: for the start screen,
// which comes first where Options.Session is nil, and for `:connect`.
type Begin struct {
	// Why is a sentence about why nothing is open yet: "Nothing answers at
	// 127.0.0.1:2181." It may be empty.
	Why string
	// Recent are connect strings that were used, the last one first.
	Recent []string
	// Profiles are offered in this order.
	Profiles []BeginProfile
	// Open opens what was chosen. It runs aside and may block; when ctx ends, which is
	// for this call alone, it returns soon. What it returns without an error is Run's to
	// close, once. An error is shown as a sentence, and the start screen stays; so it is
	// when none of the session's servers takes the connection.
	Open func(ctx context.Context, c Choice) (Opened, error)
}

// BeginProfile is a profile as the start screen lists it.
type BeginProfile struct {
	Name, Servers string
	ReadOnly      bool
}

// ChoiceKind is what kind of thing was chosen on the start screen.
type ChoiceKind uint8

// The kinds of choices, and what the Text of each is.
const (
	ChoiceSandbox ChoiceKind = iota // no text
	ChoiceServers                   // a connect string that zkview.ParseServers takes
	ChoiceProfile                   // the name of one of Begin.Profiles
)

// Choice is what a person wants to have opened.
type Choice struct {
	Kind ChoiceKind
	Text string
}

// Opened is a session and what the screen says of it.
type Opened struct {
	// Session need not be connected yet: the start screen waits for that.
	Session *zkview.Session
	// Title is the profile's name or the connect string; Start is the path to open at
	// first, empty for the root.
	Title, Start string
	// Sandbox tells that the server is the sandbox: the header says so.
	Sandbox bool
	// Close, if not nil, ends what belongs to the session. It is called once, after the
	// session was closed.
	Close func()
}
