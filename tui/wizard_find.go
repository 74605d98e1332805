package tui

import (
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"

	"zkdeck/config/ensemble"
	"zkdeck/config/ensemble/distro"
	"zkdeck/internal/safetext"
)

// wizardFound is what there is on this machine for servers to run on.
type wizardFound struct {
	java       *distro.Java // nil where javaErr says why
	javaErr    error
	javas      []distro.Java      // all of them, the best first
	zookeepers []distro.ZooKeeper // the best first
	rejected   []distro.Rejected
	zkErr      error
	// taken are the names of the ensembles that there are; plan is what would be made
	// of somebody who only presses enter, nil where planErr says why there is none.
	taken   []string
	plan    *ensemble.Plan
	planErr error
}

// otherZooKeeper is the choice of one that was not found.
const otherZooKeeper = "…"

// first is the place of the best ZooKeeper, empty for none.
func (f *wizardFound) first() string {
	if len(f.zookeepers) == 0 {
		return ""
	}
	return f.zookeepers[0].Home
}

// chosen is the ZooKeeper of the answers, nil for none.
func (w *wizard) chosen() *distro.ZooKeeper {
	for i := range w.found.zookeepers {
		if w.found.zookeepers[i].Home == w.a.zookeeper {
			return &w.found.zookeepers[i]
		}
	}
	return nil
}

// javaChosen is the Java of the answers, nil for none.
func (w *wizard) javaChosen() *distro.Java {
	for i := range w.found.javas {
		if w.found.javas[i].Path == w.a.java {
			return &w.found.javas[i]
		}
	}
	return w.found.java
}

// lookPage is there while the machine is searched.
type lookPage struct{ w *wizard }

// namedPlaces are where a person said that Java and ZooKeeper are, empty for nothing.
type namedPlaces struct{ java, zookeeper string }

var _ wizardPage = (*lookPage)(nil)

// look searches the machine, and the places that a person named.
func (w *wizard) look() tea.Cmd {
	p, named := &lookPage{w}, w.named
	w.page = p
	return func() tea.Msg { return w.wrap(p)(foundMsg{w.deps.maker.Look(w.ctx, named.java, named.zookeeper)}) }
}

func (p *lookPage) typing() bool { return false }

func (p *lookPage) key(k tea.KeyPressMsg) tea.Cmd {
	if key.Matches(k, dkeys.Cancel) {
		return p.w.cancel()
	}
	return nil
}

func (p *lookPage) update(msg tea.Msg) tea.Cmd {
	if m, ok := msg.(foundMsg); ok {
		return p.w.cameToKnow(m.found)
	}
	return nil
}

func (p *lookPage) render(st *styles, width, height int, _ time.Time) ([]string, *tea.Cursor) {
	g := page{st: st, width: width}
	g.lines = append(g.lines, wizardHead(st, width, wizardTitle, ""))
	g.blank()
	g.add(span{st.dim, " " + st.dotted + " looking for Java and ZooKeeper " + st.ellipsis})
	return g.fit(height)
}

func (p *lookPage) hints() []hint { return []hint{{dkeys.Cancel, "cancel"}} }

// cameToKnow goes on when the machine was searched.
func (w *wizard) cameToKnow(f wizardFound) tea.Cmd {
	w.found = f
	switch {
	case f.java == nil:
		w.named.java = ""
		return w.lacksJava(f.javaErr)
	case f.zkErr != nil || len(f.zookeepers) == 0:
		w.named.zookeeper = ""
		return w.obtain(f.zkErr)
	}
	if w.chosen() == nil {
		w.a.zookeeper = f.first()
	}
	if !slices.ContainsFunc(f.javas, func(j distro.Java) bool { return j.Path == w.a.java }) {
		w.a.java = f.java.Path
	}
	if p := f.plan; p != nil && w.a.name == w.a.givenName {
		w.a.name, w.a.givenName = p.Name, p.Name
	}
	if p := f.plan; p != nil && len(p.Members) > 0 && w.a.port == w.a.givenPort {
		w.a.port = strconv.Itoa(p.Members[0].Client)
		w.a.givenPort = w.a.port
	}
	if w.asks != nil {
		w.asks.show(w.asks.at) // with what is known now
	}
	w.ask()
	return nil
}

// The choices where something is missing.
const (
	getAgain    = "again"
	getDownload = "download"
	getFile     = "file"
	getFolder   = "folder"
)

// lacks says that something is missing, what was seen and will not do, and the
// commands that install it.
func lacks(err error) (about []remark, install string) {
	var missing *distro.MissingError
	if !errors.As(err, &missing) {
		if err != nil {
			about = append(about, remark{levelBad, sentence(upper(safetext.CleanLine(err.Error())))})
		}
		return about, ""
	}
	about = append(about, remark{levelWarn, "There is no " + missing.What + " here that servers could run on."})
	for i, r := range missing.Rejected {
		if i == 4 {
			about = append(about, saying("and %d more", len(missing.Rejected)-i))
			break
		}
		about = append(about, remark{levelInfo, safetext.CleanLine(r.String())})
	}
	for _, line := range missing.Install {
		if command, _, _ := strings.Cut(line, "#"); install == "" && strings.TrimSpace(command) != "" && !strings.HasPrefix(command, "zkdeck ") {
			install = strings.TrimSpace(command)
			about = append(about, remark{levelInfo, "To install it, in a shell:  " + safetext.CleanLine(line)})
		}
	}
	return about, install
}

// lacksJava says how to get a Java, and looks again.
func (w *wizard) lacksJava(err error) tea.Cmd {
	about, install := lacks(err)
	pick := getAgain
	f := &formPage{w: w, head: wizardTitle, title: "What now?", about: about, copies: install, what: "the command", back: w.cancel}
	options := []huh.Option[string]{
		huh.NewOption("look again, now that it is installed", getAgain),
		huh.NewOption("it is in a folder that I name", getFolder),
	}
	f.q = pickQuestion(&pick, options, nil)
	f.answer = func() tea.Cmd {
		if pick == getAgain {
			return w.look()
		}
		w.renew(f, &pick, options)
		return w.nameFolder("Where is Java?", "The folder that bin/java is in, or the program itself.", f, func(path string) tea.Cmd {
			w.named.java = path
			return w.look()
		})
	}
	w.page = f
	return nil
}

// obtain offers the ways to a ZooKeeper: the one that err misses, or another one.
func (w *wizard) obtain(err error) tea.Cmd {
	about, install := lacks(err)
	pick := getDownload
	options := []huh.Option[string]{
		huh.NewOption("download Apache ZooKeeper, checked against its checksum", getDownload),
		huh.NewOption("install an archive that is on this machine", getFile),
		huh.NewOption("it is in a folder that I name", getFolder),
		huh.NewOption("look again, now that it is installed", getAgain),
	}
	f := &formPage{w: w, head: wizardTitle, title: "Where does ZooKeeper come from?", about: about, copies: install, what: "the command"}
	f.q = pickQuestion(&pick, options, nil)
	f.back = w.cancel
	if len(w.found.zookeepers) > 0 {
		f.back = func() tea.Cmd { w.ask(); return nil }
	}
	f.answer = func() tea.Cmd {
		w.renew(f, &pick, options)
		switch pick {
		case getDownload:
			return w.versions(f, "")
		case getFile:
			return w.nameFile(f)
		case getFolder:
			return w.nameFolder("Where is ZooKeeper?", "The folder of an unpacked archive, or that of its jars.", f, func(path string) tea.Cmd {
				w.named.zookeeper, w.a.zookeeper = path, ""
				return w.look()
			})
		}
		return w.look()
	}
	w.page = f
	return nil
}

// renew makes the question of a page anew, to be answered once more.
func (w *wizard) renew(f *formPage, pick *string, options []huh.Option[string]) {
	f.q = pickQuestion(pick, options, nil)
}

// nameFolder asks for a folder, and goes on with it.
func (w *wizard) nameFolder(title, about string, from wizardPage, then func(path string) tea.Cmd) tea.Cmd {
	return w.nameThing(title, about, "", from, checkThere, func(text string) tea.Cmd { return then(expandHome(strings.TrimSpace(text))) })
}

// nameThing asks for a line of text that begins as text; esc goes back to from.
func (w *wizard) nameThing(title, about, text string, from wizardPage, check func(string) error, then func(text string) tea.Cmd) tea.Cmd {
	typed := text
	f := &formPage{w: w, head: wizardTitle, title: title, about: []remark{saying("%s", about)}, q: typedQuestion(&typed, check)}
	f.back = func() tea.Cmd { w.page = from; return nil }
	f.answer = func() tea.Cmd { return then(typed) }
	w.page = f
	return nil
}

// checkThere refuses a path that leads nowhere. It looks at no more than one name, as
// a shell does.
func checkThere(text string) error {
	if text = expandHome(strings.TrimSpace(text)); text == "" {
		return errors.New("type a path, from / or ~/ on")
	}
	if _, err := os.Stat(text); err != nil {
		return errors.New("there is nothing at " + safetext.Clean(text))
	}
	return nil
}
