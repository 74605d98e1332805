package tui

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

// compareSide is a subtree of the session, or an export where file is not empty.
type compareSide struct{ path, file string }

// label is the side in a sentence, safe to draw.
func (s compareSide) label() string {
	if s.file != "" {
		return safetext.CleanLine(s.file)
	}
	return safetext.Clean(s.path)
}

// absolute is the path of a znode of this side.
func (s compareSide) absolute(rel string) string {
	switch {
	case rel == "/":
		return s.path
	case s.path == "/":
		return rel
	}
	return s.path + rel
}

// compareScene shows in what two subtrees, or a subtree and an export, differ.
type compareScene struct {
	id          int
	ctx         context.Context
	sess        *zkview.Session
	keys        *KeyMap
	left, right compareSide

	job      *compareJob
	tree     *compareTree
	found    []zkview.Difference
	more     int64 // differences beyond those that are held
	progress zkview.TransferProgress
	done     bool // the job has ended
	stopped  bool // by the person

	at     int32 // the selected node
	list   scrollList
	height int // of the rows in the last drawing
	first  int // where they begin
	diff   *compareDiff
}

var (
	_ scene   = (*compareScene)(nil)
	_ pointer = (*compareScene)(nil)
)

// compareJob is the comparison under way. What has been found waits in it.
type compareJob struct {
	*longCall[zkview.TransferProgress]
	mu      sync.Mutex
	waiting []zkview.Difference
	more    int64
	kept    int

	report zkview.CompareReport // once it has ended
	err    error
}

// comparedMsg tells that the comparison has ended, comparingMsg how far it is.
type comparedMsg struct{ job *compareJob }

type comparingMsg struct {
	job      *compareJob
	progress zkview.TransferProgress
}

// newCompareScene begins to compare.
func newCompareScene(ctx context.Context, id int, sess *zkview.Session, keys *KeyMap, left, right compareSide) (*compareScene, tea.Cmd) {
	c := &compareScene{id: id, ctx: ctx, sess: sess, keys: keys, left: left, right: right}
	return c, c.start()
}

func (c *compareScene) wrap(msg tea.Msg) tea.Msg {
	if msg == nil {
		return nil
	}
	return screenMsg{c.id, msg}
}

// start begins anew.
func (c *compareScene) start() tea.Cmd {
	if c.job != nil {
		c.job.abandon()
	}
	j := &compareJob{longCall: newLongCall[zkview.TransferProgress](c.ctx)}
	c.job, c.tree, c.found, c.more, c.diff = j, newCompareTree(), nil, 0, nil
	c.done, c.stopped, c.progress, c.at, c.list = false, false, zkview.TransferProgress{}, 0, scrollList{}
	sess, left, right := c.sess, c.left, c.right
	return j.run(
		func(ctx context.Context, tell func(zkview.TransferProgress)) tea.Msg {
			j.compare(ctx, sess, left, right, tell)
			return comparedMsg{j}
		},
		func(p zkview.TransferProgress) tea.Msg { return comparingMsg{j, p} }, c.wrap)
}

// compare is the call.
func (j *compareJob) compare(ctx context.Context, sess *zkview.Session, left, right compareSide, tell func(zkview.TransferProgress)) {
	sides := [2]zkview.Side{}
	for i, side := range []compareSide{left, right} {
		sides[i] = zkview.Side{Session: sess, Path: side.path}
		if side.file == "" {
			continue
		}
		f, err := os.Open(side.file)
		if err != nil {
			j.err = fmt.Errorf("%s cannot be read: %s", side.file, fileReason(err))
			return
		}
		defer f.Close()
		sides[i] = zkview.Side{File: f}
	}
	// Ephemerals are left out on both sides: most exports have none.
	j.report, j.err = zkview.Compare(zkview.Background(ctx), sides[0], sides[1], zkview.CompareOptions{Progress: tell}, func(batch []zkview.Difference) error {
		j.mu.Lock()
		defer j.mu.Unlock()
		keep := min(len(batch), maxDifferences-j.kept)
		j.kept += keep
		j.more += int64(len(batch) - keep)
		j.waiting = append(j.waiting, batch[:keep]...)
		return ctx.Err()
	})
}

// take moves what waits in the job into the tree.
func (c *compareScene) take() {
	j := c.job
	j.mu.Lock()
	batch := j.waiting
	j.waiting, c.more = nil, j.more
	j.mu.Unlock()
	signs := map[zkview.DifferenceKind]diffSign{
		zkview.DiffAdded: signAdded, zkview.DiffRemoved: signRemoved, zkview.DiffChanged: signChanged,
	}
	for _, d := range batch {
		if c.tree.add(d.Path, signs[d.Kind], int32(len(c.found))) {
			c.found = append(c.found, d)
		}
	}
}

func (c *compareScene) title() string { return compareTitle }

func (c *compareScene) place() string { return c.left.label() + " → " + c.right.label() }

// here is the selected znode, on the left if it is there.
func (c *compareScene) here() string {
	side := c.left
	if c.left.file != "" || c.right.file == "" && c.tree.nodes[c.at].sign == signAdded {
		side = c.right
	}
	return side.absolute(c.tree.path(c.at))
}

func (c *compareScene) close() { c.job.abandon() }

func (c *compareScene) nextChange(time.Time) time.Duration { return 0 }

func (c *compareScene) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case comparingMsg:
		if msg.job == c.job && !c.done {
			c.progress = msg.progress
			c.take()
			return c.job.next(func(p zkview.TransferProgress) tea.Msg { return c.wrap(comparingMsg{msg.job, p}) })
		}
	case comparedMsg:
		if msg.job == c.job {
			return c.ended()
		}
	case compareDiffMsg:
		if c.diff != nil && c.diff == msg.diff {
			c.diff.came(msg)
		}
	case tea.MouseWheelMsg:
		by := wheelRows
		if msg.Button == tea.MouseWheelUp {
			by = -wheelRows
		}
		c.scroll(by)
	case tea.MouseClickMsg:
		rows := c.tree.visible()
		if at := c.list.top + msg.Y - c.first; c.diff == nil && msg.Y >= c.first && at < len(rows) {
			if rows[at] == c.at {
				return c.enter()
			}
			c.at = rows[at]
		}
	}
	return nil
}

// ended takes what is left and says what came out.
func (c *compareScene) ended() tea.Cmd {
	c.take()
	c.done = true
	c.tree.unfold(200)
	r, err := c.job.report, c.job.err
	switch {
	case err != nil && c.stopped:
		return nil
	case err != nil:
		return flash(levelBad, "comparing "+c.place()+" stopped: "+reason(err))
	case r.Equal() && r.Unread == 0:
		return flash(levelGood, c.equalText())
	}
	return flash(levelInfo, "compared "+c.place()+": "+c.summaryText())
}

// equalText says that there is no difference.
func (c *compareScene) equalText() string {
	r := c.job.report
	text := fmt.Sprintf("%s and %s are alike: %s", c.left.label(), c.right.label(), plural(int(r.Same), "znode", "znodes"))
	if !r.ACL {
		text += ", ACLs not compared"
	}
	return text
}

// summaryText are the counts.
func (c *compareScene) summaryText() string {
	r := c.job.report
	return counts(", ", counted{r.Added, "%s added"}, counted{r.Removed, "%s removed"}, counted{r.Changed, "%s changed"},
		counted{r.Same, "%s alike"}, counted{r.Unread, "%s could not be read"}, counted{r.Hidden, "%s with ACLs that are hidden"})
}

func (c *compareScene) key(k tea.KeyPressMsg) (tea.Cmd, bool) {
	m := c.keys
	if c.diff != nil {
		return c.diffKey(k)
	}
	page := max(c.height, 1)
	switch {
	case key.Matches(k, m.Up):
		c.move(-1)
	case key.Matches(k, m.Down):
		c.move(1)
	case key.Matches(k, m.Top):
		c.move(-len(c.tree.visible()))
	case key.Matches(k, m.Bottom):
		c.move(len(c.tree.visible()))
	case key.Matches(k, m.HalfUp):
		c.move(-page / 2)
	case key.Matches(k, m.HalfDown):
		c.move(page / 2)
	case key.Matches(k, m.PageUp):
		c.move(-page)
	case key.Matches(k, m.PageDown):
		c.move(page)
	case key.Matches(k, m.Open):
		if !c.tree.open(c.at, true) && len(c.tree.nodes[c.at].kids) > 0 {
			c.move(1)
		}
	case key.Matches(k, m.Close):
		if !c.tree.open(c.at, false) && c.tree.nodes[c.at].parent >= 0 {
			c.at = c.tree.nodes[c.at].parent
		}
	case key.Matches(k, m.Toggle):
		return c.enter(), true
	case key.Matches(k, m.Refresh):
		return c.start(), true
	case key.Matches(k, m.GoLeft):
		return c.jump(c.left), true
	case key.Matches(k, m.GoRight):
		return c.jump(c.right), true
	case key.Matches(k, m.Back) && !c.done:
		c.stopped = true
		c.job.stop()
	case key.Matches(k, m.Back):
		return tell(leaveScreenMsg{shut: true}), true
	default:
		return nil, false
	}
	return nil, true
}

// move selects another row.
func (c *compareScene) move(by int) {
	rows := c.tree.visible()
	c.at = rows[min(max(c.tree.row(c.at)+by, 0), len(rows)-1)]
}

func (c *compareScene) scroll(by int) {
	if c.diff != nil {
		c.diff.list.by(by)
		return
	}
	c.move(by)
}

// enter shows the difference of a changed znode; another one it opens or closes.
func (c *compareScene) enter() tea.Cmd {
	n := &c.tree.nodes[c.at]
	if n.sign == signChanged {
		return c.showDiff()
	}
	c.tree.open(c.at, !n.open)
	return nil
}

// jump goes to the selected znode in the tree.
func (c *compareScene) jump(side compareSide) tea.Cmd {
	n := &c.tree.nodes[c.at]
	rel := c.tree.path(c.at)
	switch {
	case side.file != "":
		return flash(levelInfo, "that side is a file: "+side.label())
	case side == c.left && n.sign == signAdded:
		return flash(levelInfo, safetext.Clean(side.absolute(rel))+" does not exist: it is only on the right")
	case side == c.right && n.sign == signRemoved:
		return flash(levelInfo, safetext.Clean(side.absolute(rel))+" does not exist: it is only on the left")
	}
	return tell(jumpMsg{side.absolute(rel)})
}

func (c *compareScene) hints() []hint {
	m := c.keys
	if c.diff != nil {
		return []hint{{m.Back, "back"}, {m.Down, "scroll"}}
	}
	var out []hint
	if !c.done {
		out = append(out, hint{m.Back, "stop"})
	}
	if n := &c.tree.nodes[c.at]; n.sign == signChanged {
		out = append(out, hint{m.Toggle, "show the difference"})
	} else if len(n.kids) > 0 {
		out = append(out, hint{m.Toggle, "open"})
	}
	if c.left.file == "" {
		out = append(out, hint{m.GoLeft, "go to left"})
	}
	if c.right.file == "" {
		out = append(out, hint{m.GoRight, "go to right"})
	}
	out = append(out, hint{m.Refresh, "again"})
	if c.done {
		out = append(out, hint{m.Back, "close"})
	}
	return out
}
