package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"zkdeck/config"
	"zkdeck/internal/safetext"
	"zkdeck/lockctl/lab"
	"zkdeck/tui"
)

const (
	// labLanes is how many recipes the screen shows side by side.
	labLanes = 2
	// labHold and labThink are what the eye can follow.
	labHold  = time.Second
	labThink = time.Second
)

// screened tells whether a screen is wanted, and not numbers.
func (o *labFlags) screened(cmd *cobra.Command) bool {
	given := cmd.Flags().Changed
	return given("lesson") || isTerminal(cmd.OutOrStdout()) && !o.json && !given("seconds")
}

// start is what the screen begins with.
func (o *labFlags) start(cmd *cobra.Command) (*tui.LabStart, error) {
	given := cmd.Flags().Changed
	start := &tui.LabStart{Here: true}
	if given("lesson") {
		all, _ := lab.Lessons(config.DefaultPaths().Lessons()) // the screen says what is wrong with others
		l, ok := lab.FindLesson(all, o.lesson)
		if !ok {
			names := make([]string, len(all))
			for i, l := range all {
				names[i] = l.Name
			}
			return nil, usage(fmt.Errorf("there is no lesson %s; there are %s", safetext.Quote(o.lesson), strings.Join(names, ", ")))
		}
		start.Lesson = l.Name
		return start, nil
	}
	if len(o.recipes) > labLanes {
		return nil, usage(errors.New("two recipes stand side by side on the screen; with --seconds or --json more of them run one after the other"))
	}
	if !given("recipe") && !given("workers") && !given("slots") && !given("hold") && !given("think") {
		return start, nil
	}
	slow := *o
	if !given("hold") {
		slow.hold = labHold
	}
	if !given("think") {
		slow.think = labThink
	}
	for _, recipe := range o.recipes {
		start.Lanes = append(start.Lanes, slow.options(recipe))
	}
	return start, nil
}

// checkScreen refuses flags of numbers beside a lesson, and those of the screen where
// there is none.
func (o *labFlags) checkScreen(cmd *cobra.Command, screen bool) error {
	given := cmd.Flags().Changed
	if given("lesson") {
		for _, name := range []string{"recipe", "workers", "slots", "seconds", "hold", "think", "json"} {
			if given(name) {
				return fmt.Errorf("--lesson and --%s exclude each other: a lesson says itself what runs", name)
			}
		}
	}
	for _, name := range []string{"path", "theme", "ascii", "mouse"} {
		if !screen && given(name) {
			return fmt.Errorf("--%s is for the screen, and with --json or --seconds, or where the output is no terminal, there is none: leave it out", name)
		}
	}
	return nil
}

// showLab opens the screen with the lab in front: on a sandbox of its own, in which what
// the lab does is to be seen in the tree and among the locks too, or on the servers that
// are named.
func (f *flags) showLab(cmd *cobra.Command, o labFlags) error {
	start, err := o.start(cmd)
	if err != nil {
		return err
	}
	st, err := newStage(cmd, f)
	if err != nil {
		return err
	}
	settings, args := st.settings, []string(nil)
	if !elsewhere(cmd) {
		settings, args = config.Settings{}, []string{anyAddress} // until there is one
	}
	t, err := choose(f, cmd.Flags(), args, settings, nil)
	if err != nil {
		return err
	}
	if err := (&job{target: t}).mayWrite(); err != nil {
		return err
	}
	return st.show(cmd.Context(), func(ctx context.Context) (screen, error) {
		s := screen{target: t, begin: st.begin(""), lab: start}
		if !elsewhere(cmd) {
			box, err := startBox(ctx, sandboxFlags{listen: anyPort, data: dataDemo, tick: labTick}, st.log, cmd.ErrOrStderr())
			if err != nil {
				return screen{}, err
			}
			s.target.Servers, s.target.used = box.address(), config.Recent{}
			s.sandbox, s.close = true, box.close
		}
		var err error
		if s.session, err = st.session(ctx, s.target, (*config.Auth).Secret); err != nil {
			if s.close != nil {
				s.close()
			}
			return screen{}, err
		}
		st.log.Info("started", "version", versionText(), "servers", s.target.Servers, "lab", start.Lesson)
		return s, nil
	})
}
