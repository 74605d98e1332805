// Package interop holds the sandbox to other people's clients: a script of kazoo, a
// program of Curator and the commands of zkCli are run against a real server and
// against the sandbox, and what they print must be the same.
//
// The tests are behind the build tag interop, because they need Python, a JDK and
// those clients: `make interop` installs them and runs the tests.
package interop
