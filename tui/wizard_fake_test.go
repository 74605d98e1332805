package tui

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"zkdeck/config/ensemble"
	"zkdeck/config/ensemble/distro"
	"zkdeck/config/zoocfg"
	"zkdeck/internal/screentest"
)

// makerFake stands in for the ensembles of a machine.
type makerFake struct {
	mu       sync.Mutex
	found    wizardFound
	looked   [][2]string // java and zookeeper of each look
	planErr  error
	findings []zoocfg.Finding
	planned  []ensemble.Wish
	created  []*ensemble.Plan
	make     func(p *ensemble.Plan) (wizardEnsemble, error)
	fetch    func(ctx context.Context, mirror, version string, tell func(distro.Progress)) (distro.ZooKeeper, error)
	install  func(ctx context.Context, file string, tell func(distro.Progress)) (distro.ZooKeeper, error)
	mirrors  []string
	listErr  error
	last     *madeFake // the last one that was written
}

var _ wizardMaker = (*makerFake)(nil)

var (
	fakeJava      = distro.Java{Path: "/usr/lib/jvm/java-17/bin/java", Home: "/usr/lib/jvm/java-17", Version: "17.0.15", Major: 17, From: "PATH"}
	fakeZooKeeper = distro.ZooKeeper{Home: "/usr/share/java", Version: "3.8.0", Jars: []string{"/usr/share/java/zookeeper.jar"}, Logging: "log4j", From: "Debian package", CLI: "/usr/share/zookeeper/bin/zkCli.sh"}
	otherFound    = distro.ZooKeeper{Home: "/home/ann/.local/share/zkdeck/zookeeper/apache-zookeeper-3.9.5-bin", Version: "3.9.5", Logging: "logback", From: "downloaded"}
)

func newMakerFake() *makerFake {
	m := &makerFake{}
	m.found = wizardFound{java: &fakeJava, javas: []distro.Java{fakeJava, {Path: "/opt/jdk-25/bin/java", Home: "/opt/jdk-25", Version: "25.0.3", Major: 25, From: "installed"}}, zookeepers: []distro.ZooKeeper{fakeZooKeeper, otherFound}, taken: []string{"lab"}}
	m.found.plan = m.plan(ensemble.Wish{})
	m.make = func(p *ensemble.Plan) (wizardEnsemble, error) {
		m.last = newMadeFake(p)
		return m.last, nil
	}
	return m
}

// plan is what a wish comes to.
func (m *makerFake) plan(w ensemble.Wish) *ensemble.Plan {
	p := &ensemble.Plan{
		Name: w.Name, Dir: w.Dir, Temp: w.Temp, Tick: w.Tick, InitLimit: w.InitLimit, SyncLimit: w.SyncLimit, HeapMB: w.HeapMB,
		Extra: w.Extra, Java: fakeJava, ZooKeeper: fakeZooKeeper,
	}
	if p.Name == "" {
		p.Name = "demo"
	}
	if p.Dir == "" {
		p.Dir = filepath.Join("/home/ann/.local/share/zkdeck/ensembles", p.Name)
	}
	if p.Temp {
		p.Dir = "/tmp/zkdeck-" + p.Name + "-123abc"
	}
	if w.Distro != nil {
		p.ZooKeeper = *w.Distro
	}
	servers := w.Servers
	if servers == 0 {
		servers = 3
	}
	for i := range servers + w.Observers {
		n := ensemble.Member{ID: i + 1, Observer: i >= servers, Client: 2181 + i, Quorum: 2888 + i, Election: 3888 + i}
		if w.BasePort != 0 {
			n.Client, n.Quorum, n.Election = w.BasePort+3*i, w.BasePort+3*i+1, w.BasePort+3*i+2
		}
		if w.Admin {
			n.Admin = 8080 + i
		}
		p.Members = append(p.Members, n)
	}
	return p
}

func (m *makerFake) Look(_ context.Context, java, zookeeper string) wizardFound {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.looked = append(m.looked, [2]string{java, zookeeper})
	return m.found
}

func (m *makerFake) Plan(_ context.Context, w ensemble.Wish) (*ensemble.Plan, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.planned = append(m.planned, w)
	if m.planErr != nil {
		return nil, m.planErr
	}
	return m.plan(w), nil
}

func (m *makerFake) Preflight(context.Context, *ensemble.Plan) []zoocfg.Finding {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.findings
}

func (m *makerFake) Files(p *ensemble.Plan) ([]ensemble.File, error) {
	var out []ensemble.File
	for _, n := range p.Members {
		var b strings.Builder
		fmt.Fprintf(&b, "# The length of a tick in milliseconds, the unit of the limits below; heartbeats go out twice in it. Here: 2 s.\ntickTime=%d\n\n", p.Tick.Milliseconds())
		fmt.Fprintf(&b, "# How many ticks a follower may take to join. Here: 20 s.\ninitLimit=%d\n\ndataDir=%s\nclientPort=%d\n", p.InitLimit, p.DataDir(n.ID), n.Client)
		if n.Observer {
			b.WriteString("\n# Follows without a vote.\npeerType=observer\n")
		}
		for _, s := range p.Members {
			fmt.Fprintf(&b, "server.%d=127.0.0.1:%d:%d%s\n", s.ID, s.Quorum, s.Election, map[bool]string{true: ":observer"}[s.Observer])
		}
		out = append(out, ensemble.File{Path: p.ConfigFile(n.ID), Text: b.String()}, ensemble.File{Path: filepath.Join(p.DataDir(n.ID), "myid"), Text: fmt.Sprintln(n.ID)})
	}
	return append(out, ensemble.File{Path: filepath.Join(p.Dir, "start.sh"), Text: "#!/bin/sh\n# Starts all servers.\nexec ./server.sh start\n"}), nil
}

func (m *makerFake) Create(_ context.Context, p *ensemble.Plan) (wizardEnsemble, error) {
	m.mu.Lock()
	m.created = append(m.created, p)
	m.mu.Unlock()
	return m.make(p)
}

func (m *makerFake) Versions(_ context.Context, mirror string) ([]distro.Version, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mirrors = append(m.mirrors, mirror)
	return []distro.Version{{Version: "3.9.5", Current: true}, {Version: "3.8.6", Stable: true}, {Version: "3.7.2", Archived: true}}, m.listErr
}

func (m *makerFake) Fetch(ctx context.Context, mirror, version string, tell func(distro.Progress)) (distro.ZooKeeper, error) {
	return m.fetch(ctx, mirror, version, tell)
}

func (m *makerFake) Install(ctx context.Context, file string, tell func(distro.Progress)) (distro.ZooKeeper, error) {
	return m.install(ctx, file, tell)
}

// set changes it.
func (m *makerFake) set(change func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change()
}

// wishes are the wishes that were planned.
func (m *makerFake) wishes() []ensemble.Wish {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]ensemble.Wish(nil), m.planned...)
}

func (m *makerFake) writes() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.created)
}

// madeFake is an ensemble that was written, whose servers do what steps says.
type madeFake struct {
	plan    *ensemble.Plan
	mu      sync.Mutex
	started []int
	downs   int
	serve   func(ctx context.Context, each func(ensemble.Status)) (ensemble.Status, error)
	start   error
}

func newMadeFake(p *ensemble.Plan) *madeFake {
	e := &madeFake{plan: p}
	e.serve = func(_ context.Context, each func(ensemble.Status)) (ensemble.Status, error) {
		each(e.status(200*time.Millisecond, ensemble.Starting))
		each(e.status(600*time.Millisecond, ensemble.Electing))
		s := e.status(1300*time.Millisecond, ensemble.Follower)
		s.Quorum = true
		return s, nil
	}
	return e
}

// status is that of all servers in a state, the last voter leading if it serves.
func (e *madeFake) status(after time.Duration, state ensemble.State) ensemble.Status {
	at := lockStart.Add(after)
	s := ensemble.Status{Name: e.plan.Name, Connect: e.plan.Connect(), Need: e.plan.Quorum(), Voters: e.plan.Voters(), At: at}
	for _, m := range e.plan.Members {
		v := ensemble.ServerStatus{ID: m.ID, State: state, Observer: m.Observer, Pid: 4710 + m.ID, Client: m.Client, Started: lockStart.Add(100 * time.Millisecond)}
		switch {
		case state == ensemble.Follower && m.Observer:
			v.State = ensemble.Observer
		case state == ensemble.Follower && m.ID == e.plan.Voters():
			v.State = ensemble.Leader
		}
		s.Servers = append(s.Servers, v)
	}
	return s
}

func (e *madeFake) Start(_ context.Context, ids ...int) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(ids) == 0 {
		ids = []int{0}
	}
	e.started = append(e.started, ids...)
	return e.start
}

func (e *madeFake) Status(context.Context) (ensemble.Status, error) {
	return e.status(500*time.Millisecond, ensemble.Electing), nil
}

func (e *madeFake) AwaitServing(ctx context.Context, each func(ensemble.Status)) (ensemble.Status, error) {
	return e.serve(ctx, each)
}

func (e *madeFake) Down(context.Context) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.downs++
	return nil
}

func (e *madeFake) Log(context.Context, int) ([]string, error) {
	return []string{"2026-11-23 06:40:01,000 INFO  zkdeck - starting server 2", "java.net.BindException: Address already in use\x1b[31m"}, nil
}

// wizardHost is a program that shows nothing but a wizard.
type wizardHost struct {
	w      *wizard
	st     *styles
	size   tea.WindowSizeMsg
	now    func() time.Time
	ascii  bool
	result string
	copied string
}

type (
	wizardFinishedMsg struct {
		name    string
		started bool
	}
	wizardCancelledMsg struct{}
)

func (h *wizardHost) Init() tea.Cmd { return nil }

func (h *wizardHost) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		h.size = msg
		return h, nil
	case tea.KeyPressMsg:
		if h.result != "" {
			return h, nil
		}
		return h, h.w.key(msg)
	case wizardFinishedMsg:
		h.result = fmt.Sprintf("finished %s, started %v", msg.name, msg.started)
		return h, nil
	case wizardCancelledMsg:
		h.result = "cancelled"
		return h, nil
	}
	return h, h.w.update(msg)
}

func (h *wizardHost) View() tea.View {
	v := tea.NewView("")
	v.AltScreen = true
	width, height := h.size.Width, h.size.Height
	if width == 0 {
		return v
	}
	st := h.st
	rows := []string{st.line(width, false, []span{{st.title, " zkdeck"}}, nil), st.line(width, false, []span{{st.title, " 6 Ensembles"}, {st.dim, "  " + h.result}}, nil), st.hrule(width, 0, "")}
	body, cursor := h.w.render(st, width, height-6, h.now())
	if len(body) != height-6 {
		panic(fmt.Sprintf("%d rows instead of %d", len(body), height-6))
	}
	rows = append(rows, body...)
	rows = append(rows, st.hrule(width, 0, ""), st.line(width, false, []span{{st.dim, " " + h.copied}}, nil), footerLine(st, width, h.w.hints(), nil))
	text := ""
	for i, r := range rows {
		if i > 0 {
			text += "\n"
		}
		text += r
	}
	if h.ascii {
		text = asciiFold(text)
	}
	v.SetContent(text)
	if cursor != nil {
		cursor.Y += 3
		v.Cursor = cursor
	}
	return v
}

// deps is what a wizard asks of the host.
func (h *wizardHost) deps(ctx context.Context, maker wizardMaker, after func(time.Duration, func(time.Time) tea.Msg) tea.Cmd) wizardDeps {
	return wizardDeps{
		ctx: ctx, maker: maker, after: after,
		copyText: func(_, text string) tea.Cmd {
			h.copied = "copied " + text
			return nil
		},
		finished:  func(name string, started bool) tea.Msg { return wizardFinishedMsg{name, started} },
		cancelled: wizardCancelledMsg{},
	}
}

// showWizard shows a wizard for a maker on a terminal.
func showWizard(t *testing.T, maker wizardMaker, width, height int) (*screentest.Term, *wizardHost) {
	t.Helper()
	h := &wizardHost{st: testStyles(), now: func() time.Time { return lockStart.Add(1300 * time.Millisecond) }}
	after := func(d time.Duration, tell func(time.Time) tea.Msg) tea.Cmd { return tea.Tick(d, tell) }
	w, cmd := newWizard(h.deps(t.Context(), maker, after), 1)
	t.Cleanup(w.close)
	h.w = w
	term := screentest.New(t, width, height)
	term.Start(startingWith{h, cmd})
	return term, h
}

// startingWith is a host with its first command.
type startingWith struct {
	*wizardHost
	first tea.Cmd
}

func (s startingWith) Init() tea.Cmd { return s.first }
