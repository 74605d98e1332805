package zktest

// TB is what this package needs of a [testing.TB]. Commands that start servers
// outside of tests bring their own.
type TB interface {
	Helper()
	Name() string
	Failed() bool
	Cleanup(f func())
	Logf(format string, args ...any)
	Fatalf(format string, args ...any)
}
