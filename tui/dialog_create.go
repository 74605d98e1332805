package tui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

// writeTimeout bounds how long a dialog waits for the answer to one write.
const writeTimeout = 15 * time.Second

// The fields of the create form, in the order of tab.
const (
	createName = iota
	createKind
	createTTL
	createSequential
	createParents
	createValue
	createACL
	createButtons
	createFields
)

// createKinds are the kinds on offer, each with what it means.
var createKinds = []struct {
	kind zkview.Kind
	what string
}{
	{zkview.Persistent, "persistent: stays until somebody deletes it."},
	{zkview.Ephemeral, "ephemeral: goes when this zkdeck's session ends; it cannot have children."},
	{zkview.Container, "container: the servers delete it some time after its last child has gone (ZooKeeper 3.5.3 and later)."},
	{zkview.TTL, "TTL: the servers delete it when it has no children and was not changed for this long (they must have extendedTypesEnabled)."},
}

// createDialog is the form for a new znode.
type createDialog struct {
	id     int
	c      cluster
	parent string
	check  func(path string) error
	ctx    context.Context
	cancel context.CancelFunc

	focus                 int
	name, ttl, value, acl *textBox
	kind                  choice
	sequential, parents   bool
	row                   buttons
	note                  string // what went wrong last
	pending               string // the path being created
	asking                *question
}

var _ dialog = (*createDialog)(nil)

// createdMsg answers a create: the path that the server gave, or why not.
type createdMsg struct {
	path string
	err  error
}

// newCreateDialog makes the form for a child of parent. check reports why a whole
// path cannot be created (zkview.CheckPath and the like). When the parent is
// ephemeral there is no form, only the reason.
func newCreateDialog(id int, c cluster, parent string, parentKind zkview.Kind, check func(path string) error) dialog {
	if parentKind == zkview.Ephemeral {
		return &confirmDialog{head: "Create", q: ask([]string{
			safetext.Clean(parent) + " is ephemeral, and an ephemeral znode cannot have children.",
		}, "Close")}
	}
	ctx, cancel := context.WithCancel(context.Background())
	d := &createDialog{
		id: id, c: c, parent: parent, check: check, ctx: ctx, cancel: cancel,
		name: newTextBox(false, ""), ttl: newTextBox(false, "10m"),
		value: newTextBox(true, ""), acl: newTextBox(false, ""),
		row: buttons{labels: []string{"Cancel", "Create"}, at: 1, danger: -1},
	}
	d.acl.hint = openACLText
	for _, k := range createKinds {
		d.kind.options = append(d.kind.options, k.kind.String())
	}
	return d
}

func (d *createDialog) title() string { return "Create a znode under " + safetext.Clean(d.parent) }
func (d *createDialog) danger() bool  { return false }

func (d *createDialog) unsaved() string {
	if d.value.text() == "" {
		return ""
	}
	return "the value typed for a new znode under " + safetext.Clean(d.parent) + " is not saved"
}

// kindNow is the kind that is chosen.
func (d *createDialog) kindNow() zkview.Kind { return createKinds[d.kind.at].kind }

// path is the whole path as typed, without the digits of a sequential znode.
func (d *createDialog) path() string {
	if d.parent == "/" {
		return "/" + d.name.text()
	}
	return d.parent + "/" + d.name.text()
}

// problem says why the path cannot be created; empty when it can. An empty name
// is no problem yet.
func (d *createDialog) problem() string {
	name := d.name.text()
	switch {
	case d.sequential && d.kindNow() == zkview.Container:
		return "ZooKeeper has no sequential containers."
	case name == "":
		return ""
	case strings.HasPrefix(name, "/"):
		return "Begin with a name, not with /: it is made under " + safetext.Clean(d.parent) + "."
	case strings.Contains(name, "/") && !d.parents:
		return "A name has no /; to make the znodes above it too, tick “make parents”."
	}
	path := d.path()
	if d.sequential {
		path += "0000000000"
	}
	if err := d.check(path); err != nil {
		return "The name will not do: " + reason(err) + "."
	}
	return ""
}

func (d *createDialog) update(msg tea.Msg) (tea.Cmd, bool) {
	if d.asking != nil {
		switch d.asking.update(msg) {
		case 0:
			d.asking = nil
		case 1:
			d.cancel()
			return nil, true
		}
		return nil, false
	}
	switch msg := msg.(type) {
	case createdMsg:
		return d.created(msg)
	case tea.KeyPressMsg:
		return d.key(msg)
	case tea.PasteMsg:
		d.edit(msg)
	}
	return nil, false
}

// box is the text field with the focus, nil when it is none.
func (d *createDialog) box() *textBox {
	return map[int]*textBox{createName: d.name, createTTL: d.ttl, createValue: d.value, createACL: d.acl}[d.focus]
}

func (d *createDialog) edit(msg tea.Msg) bool {
	b := d.box()
	if b == nil || d.pending != "" {
		return false
	}
	used, err := b.update(msg)
	if used {
		d.note = ""
	}
	if err != nil {
		d.note = err.Error()
	}
	return used
}

func (d *createDialog) key(k tea.KeyPressMsg) (tea.Cmd, bool) {
	switch {
	case key.Matches(k, dkeys.Cancel):
		return nil, d.leave()
	case d.pending != "":
		return nil, false
	case key.Matches(k, dkeys.Save):
		return d.submit(), false
	case key.Matches(k, dkeys.Next), d.focus != createValue && key.Matches(k, dkeys.Down):
		d.turn(1)
	case key.Matches(k, dkeys.Prev), d.focus != createValue && key.Matches(k, dkeys.Up):
		d.turn(-1)
	case d.edit(k):
	case d.focus == createKind && d.kind.update(k):
	case d.focus == createSequential && key.Matches(k, dkeys.Toggle):
		d.sequential = !d.sequential
	case d.focus == createParents && key.Matches(k, dkeys.Toggle):
		d.parents = !d.parents
	case d.focus == createButtons && d.row.update(k):
	case key.Matches(k, dkeys.Accept):
		if d.focus == createButtons && d.row.at == 0 {
			return nil, d.leave()
		}
		return d.submit(), false
	}
	return nil, false
}

// turn moves the focus, past the time to live where there is none.
func (d *createDialog) turn(by int) {
	d.focus = (d.focus + by + createFields) % createFields
	if d.focus == createTTL && d.kindNow() != zkview.TTL {
		d.focus += by
	}
}

// leave closes the form, or asks first when a value would be lost.
func (d *createDialog) leave() bool {
	if d.pending == "" && d.value.text() != "" {
		d.asking = ask([]string{"Discard the value that you typed?"}, "Keep editing", "Discard")
		return false
	}
	d.cancel()
	return true
}

// submit checks the form and returns the command that creates.
func (d *createDialog) submit() tea.Cmd {
	if d.note = d.problem(); d.note != "" {
		d.focus = createName
		return nil
	}
	if d.name.text() == "" && !d.sequential {
		d.note, d.focus = "Type a name first.", createName
		return nil
	}
	acl, err := parseACL(d.acl.text())
	if err != nil {
		d.note, d.focus = err.Error(), createACL
		return nil
	}
	o := zkview.CreateOptions{Kind: d.kindNow(), Sequential: d.sequential, ACL: acl}
	if o.Kind == zkview.TTL {
		if o.TTL, err = parseTTL(d.ttl.text()); err != nil {
			d.note, d.focus = err.Error(), createTTL
			return nil
		}
	}
	d.pending = d.path()
	return d.create(d.pending, []byte(d.value.text()), o, d.parents && strings.Contains(d.name.text(), "/"))
}

// maxTTL is what fits in the five bytes that a server keeps of it
// (org.apache.zookeeper.server.EphemeralType.TTL).
const maxTTL = (1<<40 - 1) * time.Millisecond

// parseTTL reads a duration of whole milliseconds.
func parseTTL(text string) (time.Duration, error) {
	ttl, err := time.ParseDuration(strings.ReplaceAll(text, " ", ""))
	switch {
	case err != nil:
		return 0, errors.New("the time to live is a duration like 90s, 10m or 24h")
	case ttl < time.Millisecond || ttl > maxTTL:
		return 0, fmt.Errorf("the time to live is between 1ms and %s", maxTTL.Truncate(time.Hour))
	case ttl%time.Millisecond != 0:
		return 0, errors.New("the time to live is in whole milliseconds")
	}
	return ttl, nil
}

// create returns the command that makes the znode and, if asked for, its parents.
func (d *createDialog) create(path string, data []byte, o zkview.CreateOptions, parents bool) tea.Cmd {
	id, c, parent := d.id, d.c, d.ctx
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(parent, writeTimeout)
		defer cancel()
		if parents {
			if err := c.EnsureParents(ctx, path, o.ACL); err != nil {
				return dialogMsg{id, createdMsg{err: fmt.Errorf("its parents could not be made: %w", err)}}
			}
		}
		made, err := c.Create(ctx, path, data, o)
		if errors.Is(err, zkview.ErrUnknownOutcome) && !o.Sequential {
			err = recheckCreate(ctx, c, path, err)
		}
		return dialogMsg{id, createdMsg{made, err}}
	}
}

// recheckCreate looks whether a create whose answer was lost took effect. It
// never claims that what it finds is ours, because it cannot know.
func recheckCreate(ctx context.Context, c cluster, path string, err error) error {
	stat, statErr := c.Stat(ctx, path)
	switch {
	case errors.Is(statErr, zkview.ErrNoNode):
		return fmt.Errorf("%w; %s is not there now", bare(err), safetext.Clean(path))
	case statErr != nil:
		return err
	default:
		return fmt.Errorf("%w; %s is there now, created %s, so it was probably carried out",
			bare(err), safetext.Clean(path), stat.Created().Format(time.TimeOnly))
	}
}

// created ends the dialog, or keeps it open with the reason.
func (d *createDialog) created(m createdMsg) (tea.Cmd, bool) {
	asked := d.pending
	d.pending = ""
	if m.err != nil {
		d.note = fmt.Sprintf("%s: %s.", safetext.Clean(asked), reason(m.err))
		if errors.Is(m.err, zkview.ErrNoNode) {
			d.note = safetext.Clean(asked) + ": a znode above it does not exist; “make parents” creates those too."
		}
		return nil, false
	}
	d.cancel()
	paths := []string{m.path}
	for p := m.path; p != "/" && p != d.parent; {
		p = parentOf(p)
		paths = append(paths, p)
	}
	return tea.Sequence(tell(wroteMsg{paths}), tell(jumpMsg{m.path}),
		flash(levelGood, "created "+safetext.Clean(m.path))), true
}

// parentOf is the path above path.
func parentOf(path string) string {
	if i := strings.LastIndexByte(path, '/'); i > 0 {
		return path[:i]
	}
	return "/"
}

// lastPart is the name of the znode at path.
func lastPart(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }
