package cli

import (
	"context"
	"errors"
	"log/slog"

	"zkdeck/config"
	"zkdeck/zkview"
)

// screen is everything that the screen needs.
type screen struct {
	session *zkview.Session
	target  target
	look    look
	paths   config.Paths
	log     *slog.Logger
}

// show runs the screen until the person quits, and closes the session. It is a
// variable so that tests of the command line see what would be shown.
var show = func(_ context.Context, s screen) error {
	return errors.Join(errors.New("this build has no screen"), s.session.Close())
}
