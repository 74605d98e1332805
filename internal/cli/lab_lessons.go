package cli

import (
	"bufio"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"zkdeck/config"
	"zkdeck/internal/safetext"
	"zkdeck/lockctl/lab"
)

const lessonsHelp = `List the guided lessons of the lock lab, or write those that come with zkdeck into a folder, to be
edited.

Each lesson is a file NAME.yaml. Those in %s add to the ones that come with zkdeck; one of
the same name takes the place of that. A file that is broken is told, with the line and what is
wrong, and the other lessons work.

A lesson has
  title, about    one line each
  steps           see below
  question        asked at the end, with the answer on the page behind
  answer
  try             something to do on one's own

A step has
  title           one line
  text            a few short lines
  look            one line about where to look
  lanes           one or two that are started when the step begins; without them those before go on
  do              what is done when the step begins, in order
  until           what there is to be seen; nothing goes on by itself then

A lane has recipe (%s), workers,
slots, hold, think and pace (times such as 300ms), and true or false for paused, persistent (the
znode of single), unfenced (the resource does not check tokens) and believes (workers of naive
believe what its acquire returns).

To do, each in every lane, or with "lane 1" or "lane 2" behind it:
  pause, resume, step, reset, add
  workers NUMBER, pace TIME, hold TIME, think TIME
  kill, crash, freeze, thaw, try WORKER: a number, holder, first-waiter, last-waiter, frozen

Until is a number that is compared, or is more than 0, such as "handoffs >= 20" or "lane 1 lost and
lane 2 refused". There are
%s

Texts may name keys in braces, as {step}; there are
%s

A terminal gets a table. Anything else gets a line for each lesson with these fields, separated by
tabs and with what cannot be printed escaped: name, title, what it is about, its file if it has one.
The exit code is 0, and 1 if a file is broken, or was not written because it is there already.`

func labLessonsCommand(*flags) *cobra.Command {
	var write string
	cmd := &cobra.Command{
		Use:   "lessons",
		Short: "List the guided lessons, or write them down for editing",
		Long: fmt.Sprintf(lessonsHelp, tilde(config.DefaultPaths().Lessons()), strings.Join(labRecipes(), ", "),
			columns(lab.Conditions(), 5), columns(lab.LessonKeys, 5)),
		Example: `zkdeck lab lessons
zkdeck lab lessons --write ` + tilde(config.DefaultPaths().Lessons()),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage(fmt.Errorf("lessons takes no argument such as %s; zkdeck lab --lesson %s gives one", safetext.Quote(args[0]), safetext.Clean(args[0])))
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	refuse := hideConnection(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := refuse(cmd); err != nil {
			return err
		}
		j := &job{out: bufio.NewWriter(cmd.OutOrStdout()), errs: cmd.ErrOrStderr(), outIsTerminal: isTerminal(cmd.OutOrStdout())}
		var err error
		switch {
		case write != "":
			err = j.writeLessons(write)
		case cmd.Flags().Changed("write"):
			err = usage(errors.New("--write is empty; the folder to write the lessons to is wanted"))
		default:
			err = j.listLessons(config.DefaultPaths().Lessons())
		}
		if flushed := j.out.Flush(); err == nil && flushed != nil {
			err = fmt.Errorf("writing the output: %w", flushed)
		}
		return err
	}
	cmd.Flags().StringVar(&write, "write", "", "write the lessons that come with zkdeck to this folder")
	return cmd
}

// listLessons prints what lessons there are, and tells of those that are broken.
func (j *job) listLessons(dir string) error {
	all, errs := lab.Lessons(dir)
	rows := make([]gridRow, 0, len(all))
	for _, l := range all {
		// What is shown of them is clean.
		cells := []string{l.Name, l.Title, l.About, safetext.Clean(l.File)}
		if l.File != "" && j.outIsTerminal {
			cells[3] = safetext.Clean(tilde(l.File))
		}
		rows = append(rows, gridRow{cells: []string{cells[0], cells[1], cells[3]}, below: []string{cells[2]}})
		if !j.outIsTerminal {
			_, _ = fmt.Fprintln(j.out, strings.Join(cells, "\t"))
		}
	}
	if j.outIsTerminal {
		_, _ = j.out.WriteString(grid([]string{"NAME", "TITLE", "FILE"}, rows))
	}
	if err := j.out.Flush(); err != nil {
		return fmt.Errorf("writing the output: %w", err)
	}
	for _, err := range errs {
		j.warn("%s", safetext.CleanLine(err.Error()))
	}
	if len(errs) > 0 {
		return &outcome{exitFailed, nil}
	}
	return nil
}

// writeLessons writes the lessons that come with zkdeck, and prints the paths.
func (j *job) writeLessons(dir string) error {
	wrote, err := lab.WriteLessons(dir)
	for _, path := range wrote {
		_, _ = fmt.Fprintln(j.out, j.name(path))
	}
	if err == nil {
		return nil
	}
	var several interface{ Unwrap() []error }
	if !errors.As(err, &several) {
		return err
	}
	for _, one := range several.Unwrap() {
		j.warn("%s", safetext.CleanLine(one.Error()))
	}
	return &outcome{exitFailed, nil}
}
