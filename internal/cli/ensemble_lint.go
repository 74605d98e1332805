package cli

import (
	"bufio"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"zkdeck/config/zoocfg"
	"zkdeck/internal/safetext"
)

// The codes with which `zkdeck ensemble lint` exits where it has found something.
const (
	exitLintWarnings = 1
	exitLintErrors   = 2
)

// ruleUnreadable is that of a file that cannot be read.
const ruleUnreadable = "unreadable"

func ensembleLintCommand(*flags) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "lint FILE…",
		Short: "Say what is wrong with a zoo.cfg before a server does",
		Long: "Say what is wrong with a zoo.cfg: what keeps a server from starting or serving, what loses data, and\n" +
			"what ZooKeeper passes over in silence, as a misspelt key. Each finding says on which line, what will\n" +
			"happen, and what to do about it. It reads what dynamicConfigFile names, and the file myid in dataDir.\n\n" +
			"Given the files of all servers of an ensemble it also compares them: lists that differ, ids, folders\n" +
			"and ports that are there twice.\n\n" +
			"The exit code is 0 if nothing is wrong, or there are only notes; 1 for warnings; 2 for errors, among\n" +
			"them a file that cannot be read.",
		Example: `zkdeck ensemble lint /etc/zookeeper/conf/zoo.cfg
zkdeck ensemble lint server1/zoo.cfg server2/zoo.cfg server3/zoo.cfg
zkdeck ensemble lint zoo.cfg --json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage(errors.New("a zoo.cfg is missing"))
			}
			return nil
		},
	}
	cmd.RunE = func(cmd *cobra.Command, files []string) error {
		j := &job{out: bufio.NewWriter(cmd.OutOrStdout())}
		found := lintFiles(files)
		var err error
		if asJSON {
			err = j.line(found)
		} else {
			j.findings(files, found)
		}
		if flushed := j.out.Flush(); err == nil && flushed != nil {
			err = fmt.Errorf("writing the output: %w", flushed)
		}
		if err != nil {
			return err
		}
		return lintOutcome(found)
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array of the findings")
	return cmd
}

// lintFiles judges files one by one and against each other; the findings stand in the
// order of the files, never nil.
func lintFiles(files []string) []zoocfg.Finding {
	byFile := map[string][]zoocfg.Finding{}
	var all []*zoocfg.Config
	for _, name := range files {
		c, err := zoocfg.Load(name)
		if err != nil {
			byFile[name] = []zoocfg.Finding{{
				Severity: zoocfg.Error, File: name, Rule: ruleUnreadable,
				What: err.Error(), Effect: "it was not looked at", Mend: "name the zoo.cfg of a server, and make it readable",
			}}
			continue
		}
		all = append(all, c)
		if byFile[name] == nil {
			byFile[name] = zoocfg.Lint(c, zoocfg.LintOptions{})
		}
	}
	for _, f := range zoocfg.Compare(all) {
		byFile[f.File] = append(byFile[f.File], f)
	}
	found := []zoocfg.Finding{}
	for _, c := range all { // what is wrong between files may stand in those of the lists
		if c.Dynamic != nil {
			byFile[c.Name] = append(byFile[c.Name], byFile[c.Dynamic.Name]...)
			delete(byFile, c.Dynamic.Name)
		}
	}
	for _, name := range files {
		found = append(found, byFile[name]...)
		delete(byFile, name) // one that was named twice
	}
	return found
}

// lintOutcome is how the command ends with these findings.
func lintOutcome(found []zoocfg.Finding) error {
	code := exitOK
	for _, f := range found {
		switch f.Severity {
		case zoocfg.Error:
			return &outcome{code: exitLintErrors}
		case zoocfg.Warning:
			code = exitLintWarnings
		}
	}
	if code == exitOK {
		return nil
	}
	return &outcome{code: code}
}

// findings prints findings below the names of the files that they stand in, and how
// many there are.
func (j *job) findings(files []string, found []zoocfg.Finding) {
	counts := map[zoocfg.Severity]int64{}
	last := ""
	for _, f := range found {
		counts[f.Severity]++
		if f.File != last {
			_, _ = fmt.Fprintln(j.out, safetext.Clean(f.File))
			last = f.File
		}
		where := ""
		if f.Line > 0 {
			where = fmt.Sprintf("line %d, ", f.Line)
		}
		_, _ = fmt.Fprintf(j.out, "  %s%s: %s [%s]\n", where, f.Severity, safetext.CleanLine(f.What), f.Rule)
		_, _ = fmt.Fprintf(j.out, "      then: %s\n      mend: %s\n", safetext.CleanLine(f.Effect), safetext.CleanLine(f.Mend))
	}
	said := []string{
		many(counts[zoocfg.Error], "error", "errors"), many(counts[zoocfg.Warning], "warning", "warnings"), many(counts[zoocfg.Note], "note", "notes"),
	}
	_, _ = fmt.Fprintf(j.out, "%s: %s\n", many(int64(len(files)), "file", "files"), strings.Join(said, ", "))
}
