package screentest

import "go.uber.org/goleak"

// IgnoreInputReader excuses one goroutine that Bubble Tea cannot end: its input
// reader, when a key or an answer of the terminal arrives while the program ends,
// waits for ever to hand it to an event loop that is gone (ultraviolet's
// TerminalReader.sendEvents does not look at its context). For the TestMain of
// packages that use [Term.Start]:
//
//	goleak.VerifyTestMain(m, screentest.IgnoreInputReader())
func IgnoreInputReader() goleak.Option {
	return goleak.IgnoreTopFunction("github.com/charmbracelet/ultraviolet.(*TerminalReader).sendEvents")
}
