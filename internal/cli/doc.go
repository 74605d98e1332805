// Package cli is zkdeck's command line: it reads arguments, environment and
// settings, opens the session and hands it to the screen.
package cli
