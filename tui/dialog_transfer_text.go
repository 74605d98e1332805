package tui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"zkdeck/internal/safetext"
	"zkdeck/tui/value"
	"zkdeck/zkview"
)

// counted is a part of a line of counts that is left out where n is 0.
type counted struct {
	n    int64
	text string // with %s for the number
}

// counts joins what is not zero.
func counts(sep string, parts ...counted) string {
	var out []string
	for _, p := range parts {
		if p.n != 0 {
			out = append(out, fmt.Sprintf(p.text, comma(int(p.n))))
		}
	}
	return strings.Join(out, sep)
}

// source is what is copied, in a sentence.
func (d *transferDialog) source() string {
	if d.kind == transferImport {
		return safetext.CleanLine(d.form.file.text())
	}
	return safetext.Clean(d.from)
}

// planCounts are the numbers of a plan, one after the other.
func planCounts(s zkview.PlanSummary) string {
	text := counts(" · ",
		counted{s.Conflict, "conflict %s"}, counted{s.Refused, "not possible %s"}, counted{s.Overwrite, "overwrite %s"},
		counted{s.Create, "create %s"}, counted{s.Parents, "parents %s"}, counted{s.Same, "same %s"}, counted{s.Skip, "skip %s"},
		counted{s.Ephemerals, "ephemerals left out %s"}, counted{s.Unread, "unreadable %s"})
	if s.Bytes > 0 {
		text += " · " + value.Size(s.Bytes)
	}
	return text
}

// planText is what would happen, in a sentence.
func (d *transferDialog) planText() string {
	s := d.planned.summary()
	target := safetext.Clean(d.target())
	if s.Blocked != nil {
		return d.blockedText(s, target)
	}
	if s.Changes() == 0 && !d.kind.deletes() {
		if s.Same == s.Znodes {
			return fmt.Sprintf("There is nothing to do: %s alike at %s already.", allOf(s.Znodes), target)
		}
		return fmt.Sprintf("Nothing would be changed at %s.", target)
	}
	text := fmt.Sprintf("%s %s to %s: ", d.kind.verb(), d.source(), target)
	text += counts(", ",
		counted{s.Create, "create %s " + word(int(s.Create), "znode", "znodes")},
		counted{s.Overwrite, "overwrite %s that " + word(int(s.Overwrite), "is", "are") + " there and " + word(int(s.Overwrite), "differs", "differ")},
		counted{s.Same, "leave %s that " + word(int(s.Same), "is", "are") + " there, alike"},
		counted{s.Skip, "skip %s that " + word(int(s.Skip), "differs", "differ")})
	text = strings.TrimSuffix(text, ": ") + "."
	if s.Parents > 0 {
		text += fmt.Sprintf(" %s above it, missing, %s created too.", plural(int(s.Parents), "znode", "znodes"), word(int(s.Parents), "is", "are"))
	}
	if s.LeftOut+s.Refused > 0 {
		text += fmt.Sprintf(" %s left out.", plural(int(s.LeftOut+s.Refused), "znode is", "znodes are"))
	}
	if d.kind.deletes() {
		text += fmt.Sprintf(" Then %s and what is below it is read again and deleted; what somebody changed meanwhile stays.", safetext.Clean(d.from))
	}
	return text
}

func allOf(n int64) string {
	if n == 1 {
		return "the one znode is"
	}
	return "all " + comma(int(n)) + " znodes are"
}

// blockedText says why a plan cannot be carried out, and what to do.
func (d *transferDialog) blockedText(s zkview.PlanSummary, target string) string {
	switch {
	case s.Conflict > 0:
		return fmt.Sprintf("Nothing can be put at %s as it stands: %s there already and %s. Choose skip or overwrite for them, or another place.",
			target, plural(int(s.Conflict), "znode is", "znodes are"), word(int(s.Conflict), "differs", "differ"))
	case d.kind.deletes() && s.Unread+s.Refused == 0 && s.Ephemerals > 0:
		return fmt.Sprintf("%s in %s %s to sessions that live and cannot be moved. Tick that they stay where they are, or copy instead.",
			plural(int(s.Ephemerals), "ephemeral", "ephemerals"), safetext.Clean(d.from), word(int(s.Ephemerals), "belongs", "belong"))
	}
	return upper(sentence(reason(s.Blocked)))
}

// rateAfter is how long a job runs before its rate means anything.
const rateAfter = 200 * time.Millisecond

// progressText is how far a job is.
func (d *transferDialog) progressText(st *styles) string {
	p := d.progress
	text := upper(p.Phase.String()) + ": "
	if p.Total > 0 {
		text += fmt.Sprintf("%s of %s", comma(int(p.Done)), plural(int(p.Total), "znode", "znodes"))
	} else {
		text += plural(int(p.Done), "znode", "znodes") + " so far"
	}
	if p.Bytes > 0 {
		text += ", " + value.Size(p.Bytes)
	}
	if r := int(p.Rate()); r > 0 && p.Elapsed > rateAfter {
		text += ", " + comma(r) + " a second"
	}
	if p.Waiting != "" {
		text += "; waiting, " + safetext.CleanLine(p.Waiting)
	}
	return text + " " + st.ellipsis
}

// reportText is what was done, in a sentence.
func (d *transferDialog) reportText() string {
	j := d.job
	if d.kind == transferExport {
		x := j.exported
		text := fmt.Sprintf("Exported %s, %s of data, from %s to %s", plural(int(x.Znodes), "znode", "znodes"), value.Size(x.Bytes), safetext.Clean(d.from), safetext.CleanLine(j.path))
		if more := counts("; ", counted{x.LeftOut, "%s " + word(int(x.LeftOut), "ephemeral", "ephemerals") + " left out"}, counted{x.Unread, "%s could not be read"},
			counted{x.Hidden, "the ACLs of %s are hidden"}, counted{x.Gone, "%s were deleted meanwhile"}); more != "" {
			text += "; " + more
		}
		return text
	}
	r := j.report
	done := counts(", ",
		counted{r.Created, "%s created"}, counted{r.Overwritten, "%s overwritten"}, counted{r.Same, "%s there already, alike"},
		counted{r.Skipped, "%s skipped"}, counted{r.LeftOut, "%s left out"}, counted{r.Refused, "%s not possible"},
		counted{r.Failed, "%s failed"}, counted{r.Unknown, "of %s it is not known"}, counted{r.NotAttempted, "%s not attempted"})
	if done == "" {
		done = "nothing was done"
	}
	text := fmt.Sprintf("%s %s to %s: %s", d.kind.done(), d.source(), safetext.Clean(d.target()), done)
	switch {
	case j.err != nil && d.stopping:
		text = fmt.Sprintf("You stopped the %s of %s to %s: %s", transferNouns[d.kind], d.source(), safetext.Clean(d.target()), done)
	case j.err != nil:
		text = fmt.Sprintf("The %s of %s to %s stopped: %s", transferNouns[d.kind], d.source(), safetext.Clean(d.target()), done)
	}
	if d.kind.deletes() {
		text += "; of the source " + sourceText(r)
	}
	return text
}

// sourceText is what became of the source of a move.
func sourceText(r zkview.TransferReport) string {
	text := counts(", ", counted{r.Deleted, "%s deleted"}, counted{r.Kept, "%s kept"}, counted{r.Undecided, "of %s it is not known"})
	if text == "" {
		return "nothing was deleted"
	}
	return text
}

// reportNotes are the reasons in a report, safe to draw.
func (d *transferDialog) reportNotes() []string {
	j := d.job
	list, more := j.report.Notes, j.report.MoreNotes
	if d.kind == transferExport {
		list, more = j.exported.Notes, j.exported.MoreNotes
	}
	var out []string
	if j.err != nil && !errors.Is(j.err, context.Canceled) {
		out = append(out, sentence("Stopped: "+reason(j.err)))
	}
	for _, n := range list {
		out = append(out, sentence(safetext.Clean(n.Path)+": "+reason(n.Err)))
	}
	if more > 0 {
		out = append(out, "and "+comma(int(more))+" more like these")
	}
	return out
}
