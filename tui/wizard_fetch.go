package tui

import (
	"context"
	"fmt"
	"time"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/progress"
	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"

	"zkdeck/config/ensemble/distro"
	"zkdeck/internal/safetext"
	"zkdeck/tui/value"
)

// fetchPage downloads a ZooKeeper, or installs one from a file, and shows how far
// that is.
type fetchPage struct {
	w       *wizard
	from    wizardPage // where esc leads back to
	what    string
	do      func(ctx context.Context, tell func(distro.Progress)) (distro.ZooKeeper, error)
	call    *longCall[distro.Progress]
	now     distro.Progress
	ended   bool
	stopped bool // a person has stopped it
	about   []remark
	asks    *wizardQuestion
	pick    string
	mirror  string
	version string // empty for a file
}

var _ wizardPage = (*fetchPage)(nil)

// versions asks which version to download, from a mirror, empty for Apache's own.
func (w *wizard) versions(from wizardPage, mirror string) tea.Cmd {
	p := &waitPage{w: w, from: from, text: "asking " + mirrorName(mirror) + " which versions there are"}
	ctx, stop := context.WithCancel(w.ctx)
	p.stop = stop
	w.page = p
	p.came = func(msg tea.Msg) tea.Cmd {
		if m, ok := msg.(versionsMsg); ok {
			return w.pickVersion(from, mirror, m)
		}
		return nil
	}
	return func() tea.Msg {
		defer stop()
		versions, err := w.deps.maker.Versions(ctx, mirror)
		return w.wrap(p)(versionsMsg{versions, err})
	}
}

// mirrorName is a mirror within a sentence.
func mirrorName(mirror string) string {
	if mirror == "" {
		return "Apache's servers"
	}
	return safetext.Truncate(safetext.Clean(mirror), 50)
}

// otherMirror is the choice of another place to download from.
const otherMirror = "…"

// pickVersion asks for one of the versions.
func (w *wizard) pickVersion(from wizardPage, mirror string, m versionsMsg) tea.Cmd {
	f := &formPage{w: w, head: wizardTitle, title: "Which version?"}
	f.back = func() tea.Cmd { w.page = from; return nil }
	if m.err != nil {
		f.about = append(f.about, remark{levelWarn, sentence(upper(safetext.CleanLine(m.err.Error())))})
	}
	var options []huh.Option[string]
	for _, v := range m.versions {
		text := safetext.CleanLine(v.Version)
		if note := versionNote(v); note != "" {
			text = safetext.Pad(text, 8) + " " + note
		}
		options = append(options, huh.NewOption(text, v.Version))
	}
	options = append(options, huh.NewOption("from another mirror …", otherMirror))
	pick := options[0].Value
	if stable := distro.Stable(m.versions); stable != "" {
		pick = stable
	}
	f.about = append(f.about, saying("It comes from %s, is checked against the SHA-512 that Apache publishes, and is unpacked among zkdeck's data.", mirrorName(mirror)))
	f.q = pickQuestion(&pick, options, nil)
	f.answer = func() tea.Cmd {
		f.q = pickQuestion(&pick, options, nil) // for who comes back
		if pick == otherMirror {
			return w.nameMirror(f, mirror)
		}
		return w.fetch(f, mirror, pick)
	}
	w.page = f
	return nil
}

// nameMirror asks for a mirror.
func (w *wizard) nameMirror(from wizardPage, mirror string) tea.Cmd {
	return w.nameThing("Which mirror?", "The URL of the folder that has zookeeper-3.8.6 and the others in it; nothing is Apache's own. The checksum comes from Apache in any case.",
		mirror, from, checkMirror, func(text string) tea.Cmd { return w.versions(from, text) })
}

// nameFile asks for an archive on this machine.
func (w *wizard) nameFile(from wizardPage) tea.Cmd {
	return w.nameThing("Which file?", "apache-zookeeper-X.Y.Z-bin.tar.gz. Its checksum is taken from the file of the same name with .sha512 beside it.",
		"", from, checkArchive, func(text string) tea.Cmd {
			file := expandHome(text)
			return w.run(&fetchPage{
				w: w, from: from, what: "Installing " + safetext.Clean(file),
				do: func(ctx context.Context, tell func(distro.Progress)) (distro.ZooKeeper, error) {
					return w.deps.maker.Install(ctx, file, tell)
				},
			})
		})
}

// fetch downloads a version.
func (w *wizard) fetch(from wizardPage, mirror, version string) tea.Cmd {
	return w.run(&fetchPage{
		w: w, from: from, what: "Downloading ZooKeeper " + safetext.Clean(version), mirror: mirror, version: version,
		do: func(ctx context.Context, tell func(distro.Progress)) (distro.ZooKeeper, error) {
			return w.deps.maker.Fetch(ctx, mirror, version, tell)
		},
	})
}

// run shows a page that fetches, and begins, or goes on with what was begun.
func (w *wizard) run(p *fetchPage) tea.Cmd {
	w.page = p
	call := newLongCall[distro.Progress](w.ctx)
	p.call, p.ended, p.stopped, p.asks, p.about = call, false, false, nil, nil
	return call.run(
		func(ctx context.Context, tell func(distro.Progress)) tea.Msg {
			got, err := p.do(ctx, tell)
			return fetchedMsg{call: call, done: true, got: got, err: err}
		},
		func(at distro.Progress) tea.Msg { return fetchedMsg{call: call, progress: at} },
		w.wrap(p),
	)
}

func (p *fetchPage) typing() bool { return false }

func (p *fetchPage) update(msg tea.Msg) tea.Cmd {
	m, ok := msg.(fetchedMsg)
	switch {
	case !ok || m.call != p.call || p.ended: // what was told last may come after the end
	case !m.done:
		p.now = m.progress
		return p.call.next(func(at distro.Progress) tea.Msg { return p.w.wrap(p)(fetchedMsg{call: m.call, progress: at}) })
	case m.err == nil:
		p.w.a.zookeeper = m.got.Home
		return p.w.look()
	default:
		p.ended = true
		p.failed(m.err)
	}
	return nil
}

// The choices after a download that did not end well.
const (
	fetchAgain  = "again"
	fetchMirror = "mirror"
	fetchBack   = "back"
)

// failed asks what to do now.
func (p *fetchPage) failed(err error) {
	k, again := levelBad, "try again"
	if p.stopped {
		k, again = levelWarn, "go on with it"
	}
	p.about = []remark{{k, sentence(upper(safetext.CleanLine(err.Error())))}}
	options := []huh.Option[string]{huh.NewOption(again, fetchAgain)}
	if p.version != "" {
		options = append(options, huh.NewOption("another mirror …", fetchMirror))
	}
	options = append(options, huh.NewOption("back", fetchBack))
	p.pick = fetchAgain
	p.asks = pickQuestion(&p.pick, options, nil)
}

func (p *fetchPage) key(k tea.KeyPressMsg) tea.Cmd {
	switch {
	case !p.ended && key.Matches(k, dkeys.Cancel):
		p.stopped = true
		p.call.stop()
	case !p.ended:
	case key.Matches(k, dkeys.Cancel, dkeys.Prev):
		p.w.page = p.from
	case p.asks.press(k):
		return p.chosen()
	}
	return nil
}

func (p *fetchPage) chosen() tea.Cmd {
	switch p.pick {
	case fetchAgain:
		return p.w.run(p)
	case fetchMirror:
		p.failedAgain()
		return p.w.nameThing("Which mirror?", "The URL of the folder that has zookeeper-3.8.6 and the others in it; nothing is Apache's own.", p.mirror, p, checkMirror,
			func(text string) tea.Cmd { return p.w.fetch(p.from, text, p.version) })
	}
	p.w.page = p.from
	return nil
}

// failedAgain makes the question anew, for who comes back to it.
func (p *fetchPage) failedAgain() {
	about := p.about
	p.failed(fmt.Errorf("%s", "again"))
	p.about = about
}

// steps are the words for what a download does.
var fetchSteps = map[string]string{
	"wait": "waiting for another download", "checksum": "asking for the checksum", "download": "downloading", "verify": "checking the SHA-512", "unpack": "unpacking",
}

func (p *fetchPage) render(st *styles, width, height int, _ time.Time) ([]string, *tea.Cursor) {
	g := page{st: st, width: width}
	g.lines = append(g.lines, wizardHead(st, width, wizardTitle, ""))
	g.blank()
	g.add(span{st.bold, " " + p.what})
	g.blank()
	if !p.ended {
		word := fetchSteps[p.now.Step]
		if word == "" {
			word = "beginning"
		}
		if p.stopped {
			word = "stopping"
		}
		right := ""
		if p.now.From != "" {
			right = "from " + safetext.Truncate(safetext.Clean(p.now.From), 40)
		}
		g.add(span{st.text, " " + word + " " + st.ellipsis + "  "}, span{st.dim, amount(p.now)}, span{st.dim, "  " + right})
		g.bubble(p.now.Done, p.now.Total)
	}
	for _, s := range p.about {
		g.remark(s, 1)
	}
	if p.asks != nil {
		g.blank()
		g.question(p.asks, "", "", nil, height-len(g.lines))
	}
	return g.fit(height)
}

// amount is how much of how much came.
func amount(p distro.Progress) string {
	switch {
	case p.Total > 0:
		return value.Size(p.Done) + " of " + value.Size(p.Total)
	case p.Done > 0:
		return value.Size(p.Done)
	}
	return ""
}

// bubble appends a bar of bubbles in our inks.
func (p *page) bubble(done, total int64) {
	st := p.st
	full, empty := '█', '░'
	if len(st.eighths) == 1 { // ASCII
		full, empty = '#', '.'
	}
	bar := progress.New(progress.WithFillCharacters(full, empty), progress.WithWidth(min(p.width-2, 60)))
	bar.FullColor, bar.EmptyColor = st.palette.accent, st.palette.dim
	part := 0.0
	if total > 0 {
		part = min(max(float64(done)/float64(total), 0), 1)
	}
	p.add(span{st.text, " "}, span{ink{off, off}, bar.ViewAs(part)})
}

func (p *fetchPage) hints() []hint {
	if !p.ended {
		return []hint{{dkeys.Cancel, "stop; what came is kept"}}
	}
	return []hint{{dkeys.Accept, "do it"}, {wizardKeys.Choose, "choose"}, {dkeys.Cancel, "back"}}
}

// waitPage is there while something is asked for that may take a while.
type waitPage struct {
	w    *wizard
	from wizardPage
	text string
	stop context.CancelFunc
	came func(tea.Msg) tea.Cmd
}

var _ wizardPage = (*waitPage)(nil)

func (p *waitPage) typing() bool { return false }

func (p *waitPage) key(k tea.KeyPressMsg) tea.Cmd {
	if key.Matches(k, dkeys.Cancel) {
		p.stop()
		p.w.page = p.from
	}
	return nil
}

func (p *waitPage) update(msg tea.Msg) tea.Cmd { return p.came(msg) }

func (p *waitPage) render(st *styles, width, height int, _ time.Time) ([]string, *tea.Cursor) {
	g := page{st: st, width: width}
	g.lines = append(g.lines, wizardHead(st, width, wizardTitle, ""))
	g.blank()
	g.add(span{st.dim, " " + st.dotted + " " + p.text + " " + st.ellipsis})
	return g.fit(height)
}

func (p *waitPage) hints() []hint { return []hint{{dkeys.Cancel, "back"}} }
