// Package bench holds the program to its budgets of time, memory and bytes.
//
//	make bench
//
// Each benchmark runs the real binary in a pseudo-terminal against a real server
// and, in the same run, what it is compared with: a program that only draws, or
// the bare request. The table at the end has both figures, the ratio and the
// budget. Nothing fails for being slow, for machines differ; a figure that misses
// its budget is marked.
//
// All is in test files, for nothing but `go test` may use it.
package bench
