package tui

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/tui/value"
	"zkdeck/zkview"
)

// transferrer is what the dialog asks of a session beside what others do.
type transferrer interface {
	cluster
	PlanCopy(ctx context.Context, from, to string, o zkview.CopyOptions) (*zkview.Plan, error)
	PlanImport(ctx context.Context, src io.ReadSeeker, o zkview.ImportOptions) (*zkview.Plan, error)
	Export(ctx context.Context, root string, w io.Writer, o zkview.ExportOptions) (zkview.ExportReport, error)
}

var _ transferrer = (*zkview.Session)(nil)

// transferJob is one long call of the dialog. What it made and found out is for
// others once it has ended.
type transferJob struct {
	*longCall[zkview.TransferProgress]
	plan     *zkview.Plan
	items    []zkview.PlanItem // those of the plan, conflicts first
	file     *os.File          // of an import, open until the plan is given up
	report   zkview.TransferReport
	exported zkview.ExportReport
	path     string // of the file that was written
	exists   string // asks whether a file may be replaced, instead of writing
	err      error
	closing  sync.Once
}

// transferDoneMsg tells that a job has ended, transferProgressMsg how far it is.
type transferDoneMsg struct{ job *transferJob }

type transferProgressMsg struct {
	job      *transferJob
	progress zkview.TransferProgress
}

// summary is that of the plan, empty if there is none.
func (j *transferJob) summary() zkview.PlanSummary {
	if j == nil || j.plan == nil {
		return zkview.PlanSummary{}
	}
	return j.plan.Summary()
}

// await returns the command that waits for the next progress.
func (j *transferJob) await(wrap func(tea.Msg) tea.Msg) tea.Cmd {
	return j.next(func(p zkview.TransferProgress) tea.Msg { return wrap(transferProgressMsg{j, p}) })
}

// close gives up what the job holds, after its call has returned. Only the first
// call does anything.
func (j *transferJob) close() (err error) {
	<-j.ended
	j.closing.Do(func() {
		if j.plan != nil {
			err = j.plan.Close()
		}
		if j.file != nil {
			err = errors.Join(err, j.file.Close())
		}
	})
	return err
}

// start makes a job of do.
func (d *transferDialog) start(phase transferPhase, do func(ctx context.Context, j *transferJob)) tea.Cmd {
	j := &transferJob{longCall: newLongCall[zkview.TransferProgress](d.ctx)}
	d.job, d.phase, d.note, d.stopping, d.progress = j, phase, "", false, zkview.TransferProgress{}
	return j.run(
		func(ctx context.Context, _ func(zkview.TransferProgress)) tea.Msg {
			do(ctx, j)
			return transferDoneMsg{j}
		},
		func(p zkview.TransferProgress) tea.Msg { return transferProgressMsg{j, p} }, d.wrap)
}

// plan returns the commands that find out what would happen.
func (d *transferDialog) plan() tea.Cmd {
	given := d.release()
	c, kind, from, to, o := d.c, d.kind, d.from, d.to(), d.form.options()
	file := ""
	if kind == transferImport {
		file = d.file()
	}
	d.planned = nil
	return tea.Batch(given, d.start(transferPlanning, func(ctx context.Context, j *transferJob) {
		o.Progress = j.tell
		switch kind {
		case transferImport:
			j.planImport(ctx, c, file, to, o)
		case transferRename:
			if _, err := c.Stat(ctx, to); !errors.Is(err, zkview.ErrNoNode) {
				j.err = cmp.Or(err, fmt.Errorf("%s is there already; choose another name, or move it to merge the two", to))
				return
			}
			fallthrough
		default:
			j.plan, j.err = c.PlanCopy(zkview.Background(ctx), from, to, zkview.CopyOptions{ImportOptions: o, Move: kind.deletes()})
		}
		j.sort()
	}))
}

// planImport opens the file and plans.
func (j *transferJob) planImport(ctx context.Context, c transferrer, file, to string, o zkview.ImportOptions) {
	f, err := openRegular(file)
	if err != nil {
		j.err = err
		return
	}
	j.file = f
	if o.To = to; strings.HasSuffix(to, "/") && to != "/" || to == "/" {
		root, err := exportRoot(f)
		if err != nil {
			j.err = fmt.Errorf("%s: %w", file, err)
			return
		}
		if o.To = strings.TrimRight(to, "/") + "/" + lastPart(root); root == "/" {
			o.To = cmp.Or(strings.TrimRight(to, "/"), "/")
		}
	}
	if j.plan, err = c.PlanImport(zkview.Background(ctx), f, o); err != nil {
		j.err = fmt.Errorf("%s: %w", file, err)
	}
}

// openRegular opens a file to be read twice.
func openRegular(file string) (*os.File, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %s", file, fileReason(err))
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		_ = f.Close() // it was only looked at
		return nil, fmt.Errorf("%s is not a file that can be read twice; copy it to one first", file)
	}
	return f, nil
}

// exportRoot is where the export in f was made, by its first line.
func exportRoot(f *os.File) (string, error) {
	h, err := zkview.ReadExportHeader(f)
	if err != nil {
		return "", err
	}
	_, err = f.Seek(0, io.SeekStart)
	return h.Root, err
}

// sort takes the items of the plan, what needs a decision first, each kind by path.
func (j *transferJob) sort() {
	if j.plan == nil {
		return
	}
	rank := map[zkview.PlanAction]int{zkview.PlanConflict: 0, zkview.PlanRefuse: 1, zkview.PlanOverwrite: 2, zkview.PlanSkip: 3, zkview.PlanLeaveOut: 4, zkview.PlanCreate: 5, zkview.PlanSame: 6}
	j.items = slices.Clone(j.plan.Items(0, j.plan.Len()))
	slices.SortFunc(j.items, func(a, b zkview.PlanItem) int {
		return cmp.Or(cmp.Compare(rank[a.Action], rank[b.Action]), cmp.Compare(a.Path, b.Path))
	})
}

// apply returns the commands that do what the preview shows.
func (d *transferDialog) apply() tea.Cmd {
	plan := d.planned.plan
	return d.start(transferRunning, func(ctx context.Context, j *transferJob) {
		j.report, j.err = plan.Apply(zkview.Background(ctx), j.tell)
	})
}

// export returns the commands that write the file. Where one is there already it is
// asked first, unless replace is set.
func (d *transferDialog) export(replace bool) tea.Cmd {
	c, from, file, f := d.c, d.from, d.file(), &d.form
	o := zkview.ExportOptions{Ephemerals: f.ephemerals, NoACL: !f.acl}
	return d.start(transferRunning, func(ctx context.Context, j *transferJob) {
		o.Progress, j.path = j.tell, file
		if j.exists, j.err = mayWriteFile(file); j.err == nil && (j.exists == "" || replace) {
			j.exists = ""
			j.err = writeFile(file, func(w io.Writer) (err error) {
				j.exported, err = c.Export(zkview.Background(ctx), from, w, o)
				return err
			})
		}
	})
}

// mayWriteFile asks in a sentence, safe to print, whether a file that is there already
// may be replaced; it is empty if there is none. It fails where none can be.
func mayWriteFile(file string) (exists string, err error) {
	info, err := os.Stat(file)
	switch {
	case err == nil && info.IsDir():
		return "", fmt.Errorf("%s is a folder; type the name of a file in it", file)
	case err == nil:
		return fmt.Sprintf("%s is there already: %s, changed %s. Replace it by the export?",
			safetext.CleanLine(file), value.Size(info.Size()), info.ModTime().Format("2006-01-02 15:04")), nil
	case !errors.Is(err, os.ErrNotExist):
		return "", fmt.Errorf("%s: %s", file, fileReason(err))
	}
	return "", nil
}

// writeFile writes into a file beside the one that is wanted, which takes its name
// when it is whole: no half of an export is ever left under that name.
func writeFile(file string, write func(w io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(file), ".zkdeck-export-*") // made with mode 0600: values may be secrets
	if err != nil {
		return fmt.Errorf("no file can be made in %s: %s", filepath.Dir(file), fileReason(err))
	}
	defer func() { _ = os.Remove(f.Name()) }() // fails once it is renamed
	w := bufio.NewWriter(f)
	if err = write(w); err == nil {
		err = errors.Join(w.Flush(), f.Sync())
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), file)
	}
	return err
}

// ended takes what a job found out.
func (d *transferDialog) ended() tea.Cmd {
	j := d.job
	switch {
	case d.phase == transferPlanning && j.err != nil:
		note := upper(sentence(reason(j.err)))
		if d.stopping {
			note = "Stopped; nothing was changed."
		}
		d.backToForm(note)
		return d.release()
	case d.phase == transferPlanning:
		d.planned = j
		d.showPlan()
		return nil
	case j.exists != "":
		d.backToForm("")
		d.asking = ask([]string{j.exists}, "Cancel", "Replace")
		return nil
	case d.kind == transferExport && j.err != nil:
		note := upper(sentence(reason(j.err))) + " " + safetext.CleanLine(j.path) + " was not written."
		if d.stopping {
			note = "Stopped; " + safetext.CleanLine(j.path) + " was not written."
		}
		d.backToForm(note)
		return flash(levelWarn, note)
	}
	return d.showReport()
}

// answered takes the answer whether a file may be replaced.
func (d *transferDialog) answered(which int) tea.Cmd {
	if which < 0 {
		return nil
	}
	d.asking = nil
	if which == 1 {
		return d.export(true)
	}
	return nil
}

// showReport tells what was done.
func (d *transferDialog) showReport() tea.Cmd {
	j := d.job
	d.phase, d.list = transferReport, scrollList{}
	d.row = buttons{labels: []string{"Close"}, danger: -1}
	l := levelGood
	switch {
	case d.kind == transferExport:
		if j.exported.Unread > 0 {
			l = levelWarn
		}
	case j.err != nil || !j.report.Complete():
		l = levelWarn
		d.row.labels = append(d.row.labels, buttonAgain)
	}
	if d.kind != transferExport && j.report.Created+j.report.Overwritten+j.report.Same > 0 {
		d.row.labels = append(d.row.labels, buttonGo)
	}
	cmds := []tea.Cmd{flash(l, d.reportText())}
	for i, n := range d.reportNotes() {
		if i == maxFlashedNotes {
			break
		}
		cmds = append(cmds, flash(levelWarn, n))
	}
	return tea.Batch(tea.Sequence(append(cmds[1:], cmds[0])...), d.reread())
}

// maxFlashedNotes is how many reasons go to the messages besides the report.
const maxFlashedNotes = 20

// release gives up the plan and its file, aside: its call may have to end first.
func (d *transferDialog) release() tea.Cmd {
	jobs := slices.Compact([]*transferJob{d.planned, d.job})
	if d.phase == transferForm || d.phase == transferPlanning {
		d.planned = nil
	}
	var cmds []tea.Cmd
	for _, j := range jobs {
		if j == nil {
			continue
		}
		j.abandon()
		cmds = append(cmds, func() tea.Msg {
			if err := j.close(); err != nil {
				return flashMsg{levelWarn, "the temporary file of a plan was not closed: " + err.Error()}
			}
			return nil
		})
	}
	return tea.Batch(cmds...)
}

// endWait is how long the end of the program waits for what a running transfer has
// still to tell.
const endWait = 2 * time.Second

// end stops what runs because the program ends, and returns what is to be said of
// it then.
func (d *transferDialog) end(limit time.Duration) string {
	running := d.phase == transferRunning
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for _, j := range slices.Compact([]*transferJob{d.job, d.planned}) {
		if j == nil {
			continue
		}
		j.abandon()
		select {
		case <-j.ended:
			_ = j.close() // there is nobody left to tell
		case <-timer.C:
			return d.kind.verb() + " " + safetext.CleanLine(d.from) + ": it did not end in time; what it did last is not known. Planning again goes on where it stopped"
		}
	}
	if !running || d.kind == transferExport {
		return ""
	}
	d.stopping = true
	return d.reportText()
}
