package cli

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"zkdeck/config/ensemble"
	"zkdeck/internal/safetext"
)

func ensembleListCommand(f *flags) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "ls",
		Short: "List the ensembles, and servers that belong to none",
		Long: "List the ensembles that there are, running or not, and orphans: servers whose ensemble is no more,\n" +
			"because its folder was deleted while they ran, or that were started by other means.\n\n" +
			"A terminal gets a table. Anything else gets a line for each ensemble with these fields, separated by\n" +
			"tabs and with what cannot be printed escaped: name, state (serving, no-quorum, stopped, broken), how\n" +
			"many servers run, how many there are, the leader's id, connect string, folder; and of each orphan a\n" +
			"line with its zoo.cfg instead of a name, the state orphan, and its process id in place of the rest.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage(fmt.Errorf("ls takes no argument such as %s; zkdeck ensemble status %s shows one ensemble", safetext.Quote(args[0]), safetext.Clean(args[0])))
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	cmd.RunE = f.ensembles(func(ctx context.Context, j *ensembleJob, _ []string) error { return j.list(ctx, asJSON) })
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// listedJSON is an ensemble for programs.
type listedJSON struct {
	Name    string `json:"name"`
	State   string `json:"state"`
	Running int    `json:"running"`
	Servers int    `json:"servers"`
	Leader  int    `json:"leader"`
	Connect string `json:"connect"`
	Dir     string `json:"dir"`
	Temp    bool   `json:"temp"`
	Error   string `json:"error,omitempty"`
}

// orphanJSON is a server that belongs to no ensemble, for programs.
type orphanJSON struct {
	Pid    int    `json:"pid"`
	Config string `json:"config"`
	Name   string `json:"name"`
}

// stateBroken is that of an ensemble which cannot be read.
const stateBroken = "broken"

// list prints what there is.
func (j *ensembleJob) list(ctx context.Context, asJSON bool) error {
	found, err := j.store.List(ctx)
	if err != nil {
		return err
	}
	orphans, err := j.store.Orphans(ctx)
	if err != nil {
		j.warn("servers that belong to no ensemble are not listed: %s", safetext.CleanLine(err.Error()))
	}
	all := j.look(ctx, found)
	switch {
	case asJSON:
		err = j.line(struct {
			Ensembles []listedJSON `json:"ensembles"`
			Orphans   []orphanJSON `json:"orphans"`
		}{all, jsonOfOrphans(orphans)})
	case j.outIsTerminal:
		_, err = j.out.WriteString(listText(all, orphans))
	default:
		for _, l := range all {
			_, err = fmt.Fprintln(j.out, strings.Join([]string{
				safetext.Clean(l.Name), l.State, strconv.Itoa(l.Running), strconv.Itoa(l.Servers),
				strconv.Itoa(l.Leader), l.Connect, safetext.Clean(l.Dir),
			}, "\t"))
		}
		for _, o := range orphans {
			_, err = fmt.Fprintf(j.out, "%s\torphan\t%d\n", safetext.Clean(o.Config), o.Pid)
		}
	}
	if err != nil {
		return fmt.Errorf("writing the output: %w", err)
	}
	return nil
}

// look looks at all ensembles at once.
func (j *ensembleJob) look(ctx context.Context, found []ensemble.Listed) []listedJSON {
	all := make([]listedJSON, len(found))
	var looking sync.WaitGroup
	for i, l := range found {
		looking.Go(func() { all[i] = j.lookAt(ctx, l) })
	}
	looking.Wait()
	return all
}

func (j *ensembleJob) lookAt(ctx context.Context, l ensemble.Listed) listedJSON {
	said := listedJSON{Name: l.Name, Dir: l.Dir, State: stateBroken}
	err := l.Err
	if l.Plan != nil {
		said.Connect, said.Servers, said.Temp = l.Plan.Connect(), len(l.Plan.Members), l.Plan.Temp
	}
	if err == nil {
		var e *ensemble.Ensemble
		var s ensemble.Status
		if e, err = j.store.Open(l.Name); err == nil {
			s, err = e.Status(ctx)
		}
		if err == nil {
			said.State, said.Running = ensembleState(s), len(runningIDs(s))
			if leader, ok := s.Leader(); ok {
				said.Leader = leader.ID
			}
		}
	}
	if err != nil {
		said.Error = err.Error()
	}
	return said
}

func jsonOfOrphans(orphans []ensemble.Orphan) []orphanJSON {
	all := make([]orphanJSON, 0, len(orphans))
	for _, o := range orphans {
		all = append(all, orphanJSON{o.Pid, o.Config, o.Name})
	}
	return all
}

// listGlyphs stand before the state of an ensemble.
var listGlyphs = map[string]string{"serving": "●", "no-quorum": "▲", "stopped": "○", stateBroken: "✕"}

// listText is what there is as people read it.
func listText(all []listedJSON, orphans []ensemble.Orphan) string {
	var b strings.Builder
	if len(all) == 0 {
		b.WriteString("There is no ensemble. zkdeck ensemble up starts one.\n")
	} else {
		rows := make([]gridRow, 0, len(all))
		for _, l := range all {
			r := gridRow{cells: []string{
				listGlyphs[l.State] + " " + safetext.Clean(l.Name), strings.Replace(l.State, "-", " ", 1), orNot(l.Servers > 0, fmt.Sprintf("%d of %d", l.Running, l.Servers)),
				orNot(l.Leader > 0, strconv.Itoa(l.Leader)), l.Connect,
			}}
			if l.Error != "" {
				r.below = []string{safetext.CleanLine(l.Error), safetext.Clean(tilde(l.Dir))}
			}
			rows = append(rows, r)
		}
		b.WriteString(grid([]string{"  NAME", "STATE", "RUN", "LEADER", "CONNECT"}, rows, 3))
	}
	if len(orphans) > 0 {
		b.WriteString("\nServers that belong to no ensemble; zkdeck ensemble down --orphans ends them:\n")
		rows := make([]gridRow, 0, len(orphans))
		for _, o := range orphans {
			rows = append(rows, gridRow{cells: []string{strconv.Itoa(o.Pid), cmp.Or(safetext.Clean(o.Name), notKnown), safetext.Clean(tilde(o.Config))}})
		}
		b.WriteString(grid([]string{"PID", "WAS OF", "ZOO.CFG"}, rows, 0))
	}
	return b.String()
}
