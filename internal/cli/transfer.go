package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"zkdeck/config"
	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

// maxWarnings is how many lines are told about single znodes; the rest is a number.
const maxWarnings = 20

// errIncomplete ends commands that did less than they were to do, after they have
// said so.
var errIncomplete = &outcome{code: exitFailed}

// transferFlags are those of import, cp and mv.
type transferFlags struct {
	dryRun, json bool
	conflict     string
	noACL        bool
	noParents    bool
	persistent   bool
}

func (o *transferFlags) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.BoolVar(&o.dryRun, "dry-run", false, "tell what would be done, and do nothing")
	fs.StringVar(&o.conflict, "on-conflict", "fail", "what becomes of znodes that are there and differ: fail (nothing is changed), skip or overwrite")
	fs.BoolVar(&o.json, "json", false, "print JSON, one object a line")
	fs.BoolVar(&o.noACL, "no-acl", false, "create everything open to everyone, and leave ACLs alone")
	fs.BoolVar(&o.noParents, "no-parents", false, "do not create missing parents of the target")
	fs.BoolVar(&o.persistent, "ephemerals-as-persistent", false, "create ephemerals of the source as persistent znodes instead of leaving them out")
	complete(cmd, "on-conflict", func() []string { return []string{"fail", "skip", "overwrite"} })
}

func (o *transferFlags) options() (zkview.ImportOptions, error) {
	conflict, err := zkview.ParseConflict(o.conflict)
	if err != nil {
		return zkview.ImportOptions{}, usage(fmt.Errorf("--on-conflict: %w", err))
	}
	return zkview.ImportOptions{
		OnConflict: conflict, NoACL: o.noACL, NoParents: o.noParents,
		EphemeralsAsPersistent: o.persistent,
	}, nil
}

// transferring tells on a terminal how far a long operation has come, in a line
// that it writes over.
func (j *job) transferring(p zkview.TransferProgress) {
	if !j.overwrites {
		return
	}
	text := fmt.Sprintf("%s: %s", p.Phase, humanize.Comma(p.Done))
	if p.Total > 0 {
		text += " of " + humanize.Comma(p.Total)
	}
	text += fmt.Sprintf(" znodes, %s/s", humanize.Comma(int64(p.Rate())))
	if p.Waiting != "" {
		text += "; waiting: " + safetext.CleanLine(p.Waiting)
	}
	j.overwrite(text)
}

// patientTransfer is [job.patient] for what reads before anything is written.
func (j *job) patientTransfer(ctx context.Context) (reading context.Context, progress func(zkview.TransferProgress), cancel func()) {
	reading, waits, cancel := j.patient(ctx)
	return reading, func(p zkview.TransferProgress) {
		waits(p.Waiting)
		j.transferring(p)
	}, cancel
}

// warnNotes tells about single znodes.
func (j *job) warnNotes(notes []zkview.Note, more int64) {
	for i, n := range notes {
		if i == maxWarnings {
			more += int64(len(notes) - i)
			break
		}
		j.warn("%s: %s", safetext.Clean(n.Path), safetext.CleanLine(n.Err.Error()))
	}
	if more > 0 {
		j.warn("and %s more like these", humanize.Comma(more))
	}
}

// stopped is the error of a command that did not come to its end.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil && !errors.Is(err, zkview.ErrUnknownOutcome) {
		return errors.New("interrupted; run it again to go on")
	}
	return err
}

// carryOut previews a plan or applies it, and tells what became of it.
func (j *job) carryOut(ctx context.Context, plan *zkview.Plan, o *transferFlags) error {
	j.endProgress()
	if o.dryRun {
		return j.preview(plan, o.json)
	}
	summary := plan.Summary()
	if summary.Blocked != nil {
		return blocked(summary)
	}
	report, err := plan.Apply(ctx, j.transferring)
	j.endProgress()
	for _, item := range summary.Examples[zkview.PlanRefuse] {
		j.warn("%s is left out: %s", safetext.Clean(item.Path), safetext.CleanLine(item.Why.Error()))
	}
	j.warnNotes(report.Notes, report.MoreNotes)
	if printed := j.printTransfer(report, o.json); err == nil {
		err = printed
	}
	switch {
	case err != nil:
		return stopped(ctx, err)
	case !report.Complete() || report.Refused > 0:
		return errIncomplete
	}
	return nil
}

// blocked is the error of a plan that changes nothing, with what to do about it.
func blocked(s zkview.PlanSummary) error {
	switch {
	case errors.Is(s.Blocked, zkview.ErrConflict):
		return fmt.Errorf("nothing was changed: %w; --dry-run lists them, --on-conflict skip leaves them, --on-conflict overwrite replaces them", s.Blocked)
	case errors.Is(s.Blocked, zkview.ErrIncomplete) && s.Ephemerals > 0 && s.Unread == 0 && s.Refused == 0:
		return fmt.Errorf("nothing was changed: %w; --leave-ephemerals moves the rest", s.Blocked)
	default:
		return fmt.Errorf("nothing was changed: %w", s.Blocked)
	}
}

// planJSON is one znode of a plan for programs.
type planJSON struct {
	Action string `json:"action"`
	Path   string `json:"path"`
	Bytes  int    `json:"bytes"`
	Why    string `json:"why,omitempty"`
}

// planSumJSON is the last line of a plan for programs.
type planSumJSON struct {
	Znodes    int64  `json:"znodes"`
	Create    int64  `json:"create"`
	Overwrite int64  `json:"overwrite"`
	Same      int64  `json:"same"`
	Skip      int64  `json:"skip"`
	Conflict  int64  `json:"conflict"`
	LeftOut   int64  `json:"left_out"`
	Refused   int64  `json:"refused"`
	Parents   int64  `json:"parents"`
	Bytes     int64  `json:"bytes"`
	Blocked   string `json:"blocked,omitempty"`
}

// preview tells what a plan would do: a line a znode, and the counts.
func (j *job) preview(plan *zkview.Plan, asJSON bool) error {
	s := plan.Summary()
	for _, item := range plan.Items(0, plan.Len()) {
		why := ""
		if item.Why != nil {
			why = item.Why.Error()
		}
		var err error
		if asJSON {
			err = j.line(planJSON{item.Action.String(), item.Path, item.Bytes, why})
		} else {
			text := fmt.Sprintf("%-9s %s", item.Action, j.name(item.Path))
			if why != "" {
				text += "  (" + safetext.CleanLine(why) + ")"
			}
			_, err = fmt.Fprintln(j.out, text)
		}
		if err != nil {
			return fmt.Errorf("writing the output: %w", err)
		}
	}
	if asJSON {
		sum := planSumJSON{s.Znodes, s.Create, s.Overwrite, s.Same, s.Skip, s.Conflict, s.LeftOut, s.Refused, s.Parents, s.Bytes, ""}
		if s.Blocked != nil {
			sum.Blocked = s.Blocked.Error()
		}
		if err := j.line(map[string]planSumJSON{"plan": sum}); err != nil {
			return fmt.Errorf("writing the output: %w", err)
		}
	} else {
		if more := s.Znodes - int64(plan.Len()); more > 0 {
			_, _ = fmt.Fprintf(j.out, "… and %s more\n", humanize.Comma(more))
		}
		counts := countList("create", s.Create, "overwrite", s.Overwrite, "same", s.Same, "skip", s.Skip,
			"conflict", s.Conflict, "leave out", s.LeftOut, "refuse", s.Refused, "missing parents", s.Parents)
		if _, err := fmt.Fprintf(j.out, "would: %s\n", counts); err != nil {
			return fmt.Errorf("writing the output: %w", err)
		}
	}
	if s.Blocked != nil {
		return blocked(s)
	}
	return nil
}

// countList is "create 3, same 1": the counts that are not zero, and the first in
// any case.
func countList(pairs ...any) string {
	var parts []string
	for i := 0; i < len(pairs); i += 2 {
		if n := pairs[i+1].(int64); n != 0 || i == 0 {
			parts = append(parts, fmt.Sprintf("%s %s", pairs[i], humanize.Comma(n)))
		}
	}
	return strings.Join(parts, ", ")
}

// transferJSON is a report for programs.
type transferJSON struct {
	Created      int64   `json:"created"`
	Overwritten  int64   `json:"overwritten"`
	Same         int64   `json:"same"`
	Skipped      int64   `json:"skipped"`
	LeftOut      int64   `json:"left_out"`
	Refused      int64   `json:"refused"`
	Failed       int64   `json:"failed"`
	Unknown      int64   `json:"unknown"`
	NotAttempted int64   `json:"not_attempted"`
	Parents      int64   `json:"parents"`
	Bytes        int64   `json:"bytes"`
	Deleted      int64   `json:"deleted"`
	Kept         int64   `json:"kept"`
	Undecided    int64   `json:"undecided"`
	Seconds      float64 `json:"seconds"`
}

func (j *job) printTransfer(r zkview.TransferReport, asJSON bool) error {
	var err error
	if asJSON {
		err = j.line(map[string]transferJSON{"done": {
			r.Created, r.Overwritten, r.Same, r.Skipped, r.LeftOut, r.Refused, r.Failed, r.Unknown, r.NotAttempted,
			r.Parents, r.Bytes, r.Deleted, r.Kept, r.Undecided, r.Elapsed.Seconds(),
		}})
	} else {
		_, err = fmt.Fprintln(j.out, countList("created", r.Created, "overwritten", r.Overwritten, "same", r.Same,
			"skipped", r.Skipped, "left out", r.LeftOut, "refused", r.Refused, "failed", r.Failed,
			"of unknown outcome", r.Unknown, "not attempted", r.NotAttempted, "missing parents created", r.Parents,
			"deleted in the source", r.Deleted, "kept in the source", r.Kept, "deleted or not, nobody knows", r.Undecided))
	}
	if err != nil {
		return fmt.Errorf("writing the output: %w", err)
	}
	return nil
}

// otherFlags name a second cluster.
type otherFlags struct{ servers, profile string }

func (o *otherFlags) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&o.servers, "to-servers", "", "the connect string of the other cluster, without credentials")
	fs.StringVar(&o.profile, "to-profile", "", "the other cluster by its name in the settings file, with its credentials")
	complete(cmd, "to-servers", nil)
	complete(cmd, "to-profile", nil)
}

// mayWrite is nil, or the error of a command that would read for long only to find
// that it must not write.
func (j *job) mayWrite() error {
	if j.target.ReadOnly {
		return fmt.Errorf("nothing was changed: %w", zkview.ErrReadOnly)
	}
	return nil
}

// other opens the session with the second cluster, the first one's where none is
// named. The caller calls closing in any case. No credentials of the first cluster
// go to the second.
func (f *flags) other(ctx context.Context, cmd *cobra.Command, j *job, o otherFlags) (into *job, closing func(), err error) {
	if o.servers == "" && o.profile == "" {
		return j, func() {}, nil
	}
	settings, err := config.Load(config.DefaultPaths().Settings())
	if err != nil {
		return nil, func() {}, usage(err)
	}
	second := *f
	second.servers, second.profile, second.pin = o.servers, o.profile, ""
	t, err := choose(&second, cmd.Flags(), nil, settings, nil)
	if err != nil {
		return nil, func() {}, err
	}
	log, closeLog := commandLog(config.DefaultPaths(), f.logLevel)
	session, err := t.open(ctx, log)
	if err != nil {
		closeLog()
		return nil, func() {}, err
	}
	closing = func() {
		_ = session.Close()
		closeLog()
	}
	into = &job{session: session, target: t, errs: j.errs, overwrites: j.overwrites}
	return into, closing, into.connect(ctx)
}
