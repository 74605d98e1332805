package cli

import (
	"context"
	"log/slog"

	"zkdeck/config"
	"zkdeck/tui"
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
var show = runScreen

func runScreen(ctx context.Context, s screen) error {
	history, err := config.ReadHistory(s.paths.History())
	if err != nil {
		s.log.Warn("the history of commands starts empty", "err", err)
	}
	return tui.Run(ctx, tui.Options{
		Session:  s.session,
		Title:    s.target.title(),
		Start:    s.target.path,
		Theme:    string(s.look.theme),
		ASCII:    s.look.ascii,
		Mouse:    s.look.mouse,
		DraftDir: s.paths.Drafts(),
		History:  history,
		Remember: func(lines []string) {
			if err := config.WriteHistory(s.paths.History(), lines); err != nil {
				s.log.Warn("the history of commands is lost", "err", err)
			}
		},
		Logger: s.log,
	})
}
