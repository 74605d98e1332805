// Package screentest runs a terminal program against a terminal emulator, so
// that a test sees whole screens as a person would and answers with keys.
//
//	term := screentest.New(t, 80, 24)
//	term.Start(model)
//	term.WaitForText("connected")
//	term.Type("/", "kafka", "enter")
//	term.WaitFor(func(s string) bool { return !strings.Contains(s, "hbase") }, "the filter")
//
// The program is a Bubble Tea model in this process ([Term.Start]) or a command
// in a pseudo-terminal ([Term.StartCommand]), which is how the real binary is
// measured from outside ([Term.Measure], [Term.Bench]). The emulator answers what
// programs ask of terminals (device attributes, colours, modes), and its answers
// reach the program's input as a terminal's would.
//
// Nothing here sleeps: waiting means blocking until the program writes, with a
// deadline that fails the test and shows the screen.
//
// The package is for tests only. Together with tui and internal/cli it may import
// charm.land/*; nothing but tests may import it.
package screentest
