package tui

import (
	"fmt"
	"os"
	"os/user"
	"sync"
)

// ownIdentity is who we are to others: user@host:pid.
var ownIdentity = sync.OnceValue(func() string {
	name, host := os.Getenv("USER"), "localhost"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	if h, err := os.Hostname(); err == nil {
		host = h
	}
	return fmt.Sprintf("%s@%s:%d", name, host, os.Getpid())
})
