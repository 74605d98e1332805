package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"zkdeck/config"
	"zkdeck/config/ensemble"
	"zkdeck/tui"
	"zkdeck/zkview"
)

// screen is everything that the screen needs beside the stage.
type screen struct {
	*stage
	// session is nil where the start screen comes first; begin is what that offers.
	session *zkview.Session
	target  target
	begin   *tui.Begin
	// sandbox tells that the session's server is our own, and close, if not nil, ends
	// it after the session.
	sandbox bool
	close   func()
	// lab, if not nil, is what the lock lab in front of it begins with.
	lab *tui.LabStart
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
		Begin:    s.begin,
		Sandbox:  s.sandbox,
		Tour:     s.tour(),
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
		LockRoots: s.lockRoots,
		RememberLockRoots: func(title string, roots []string) error {
			return config.WriteLockRoots(s.paths.LockRoots(), title, roots)
		},
		Ensembles: s.ensembles(),
		Lab:       s.lab,
		Lessons:   s.paths.Lessons(),
		Logger:    s.log,
		Now:       screenNow,
	})
}

// ensembles are those of the person on this machine.
func (st *stage) ensembles() *ensemble.Store {
	s := ensemble.NewStore(st.paths.Data, st.paths.Cache)
	s.Logger = st.log
	return s
}

// lockRoots are below which paths locks are searched on a cluster; all of it where
// that cannot be read.
func (st *stage) lockRoots(title string) []string {
	roots, err := config.ReadLockRoots(st.paths.LockRoots(), title)
	if err != nil {
		st.log.Warn("locks are searched in the whole tree", "err", err)
	}
	return roots
}

// tour shows around whoever was not shown around before.
func (st *stage) tour() *tui.Tour {
	path := st.paths.Tour()
	_, err := os.Stat(path)
	return &tui.Tour{
		Show: errors.Is(err, fs.ErrNotExist),
		Done: func() {
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				st.log.Warn("the tour will come again", "err", err)
			}
		},
	}
}
