package cli

import "time"

// screenNow is the clock of the screen; nil is the machine's. Only the program that
// pictures are taken of has another one: see screenshots/README.md.
var screenNow func() time.Time
