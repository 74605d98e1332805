package tui

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"zkdeck/config/ensemble"
	"zkdeck/config/ensemble/distro"
	"zkdeck/config/zoocfg"
)

// Enter all the way gives three servers with the defaults of ZooKeeper's guide.
func TestWizardEnterAllTheWay(t *testing.T) {
	m := newMakerFake()
	m.found.javas = m.found.javas[:1]
	d := drive(t, m, 80, 24)
	d.enter(13)
	d.want("New ensemble demo what would be written")
	if m.writes() != 0 {
		t.Fatal("it was written before anybody saw it")
	}
	d.enter(1)
	d.want("demo serves", "Server 3 leads, and all 3 serve", "127.0.0.1:2181,127.0.0.1:2182,127.0.0.1:2183")
	d.press("y")
	if want := "copied 127.0.0.1:2181,127.0.0.1:2182,127.0.0.1:2183"; d.copied != want {
		t.Errorf("%q instead of %q", d.copied, want)
	}
	d.enter(1)
	if d.result != "finished demo, started true" {
		t.Errorf("the result is %q", d.result)
	}
	w := m.wishes()
	got := w[len(w)-1]
	if got.Servers != 3 || got.Observers != 0 || got.Name != "demo" || got.BasePort != 0 || got.Dir != "" || got.Temp || got.Admin ||
		got.Tick != 2*time.Second || got.InitLimit != 10 || got.SyncLimit != 5 || got.HeapMB != 256 || got.Java != "" || len(got.Extra) != 0 ||
		got.Distro == nil || got.Distro.Home != fakeZooKeeper.Home {
		t.Errorf("the wish is %+v", got)
	}
	if !slices.Equal(m.last.started, []int{0}) {
		t.Errorf("started %v, want all at once", m.last.started)
	}
}

// What is answered is what is planned.
func TestWizardTakesEveryAnswer(t *testing.T) {
	m := newMakerFake()
	d := drive(t, m, 120, 36)
	for _, text := range []string{"5", "2", "lab-2", "21000"} {
		d.answer(text)
	}
	d.press("down", "down", "enter")
	dir := filepath.Join(t.TempDir(), "new")
	for _, text := range []string{dir, "500", "20", "8", "512"} {
		d.answer(text)
	}
	d.press("down", "enter")
	d.paste("# a remark\nmaxClientCnxns=100\r\nsnapCount = 5000\n")
	d.press("enter", "down", "enter", "down", "enter", "down", "enter")
	d.want("Enter writes", "starts 7 servers, one by one")
	w := m.wishes()
	got := w[len(w)-1]
	want := ensemble.Wish{
		Servers: 5, Observers: 2, Name: "lab-2", BasePort: 21000, Dir: dir, Tick: 500 * time.Millisecond, InitLimit: 20, SyncLimit: 8, HeapMB: 512,
		Admin: true, Extra: []ensemble.Setting{{Key: "maxClientCnxns", Value: "100"}, {Key: "snapCount", Value: "5000"}}, Java: "/opt/jdk-25/bin/java",
	}
	if got.Distro == nil || got.Distro.Home != otherFound.Home {
		t.Errorf("ZooKeeper is %+v", got.Distro)
	}
	got.Distro = nil
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("the wish is\n%+v, want\n%+v", got, want)
	}
	d.enter(1)
	if want := []int{1, 2, 3, 4, 5, 6, 7}; !slices.Equal(m.last.started, want) {
		t.Errorf("started %v, want %v", m.last.started, want)
	}
}

// Back keeps what was answered, and on the first question esc leaves.
func TestWizardBack(t *testing.T) {
	m := newMakerFake()
	d := drive(t, m, 80, 24)
	d.answer("5")
	d.answer("1")
	d.press("backspace", "x")
	d.press("shift+tab")
	d.want("How many observers besides?", "> 1")
	d.press("esc")
	d.want("How many servers?", "> 5")
	d.press("shift+tab")
	d.want("How many servers?")
	d.enter(2)
	d.want("What is it called?", "> demx")
	d.press("esc", "esc", "esc")
	if d.result != "cancelled" || m.writes() != 0 {
		t.Errorf("the result is %q after %d writes", d.result, m.writes())
	}
}

// What cannot be is refused where it is typed, in a sentence.
func TestWizardRefuses(t *testing.T) {
	dir := t.TempDir()
	for _, test := range []struct {
		step stepID
		text string
		want string
	}{
		{stepServers, "", "Type a whole number from 1 to 9"},
		{stepServers, "0", "0 is too little: 1 is the least"},
		{stepServers, "-3", "-3 is too little"},
		{stepServers, "10", "10 is too much: 9 is the most"},
		{stepServers, "3.5", `"3.5" is no whole number`},
		{stepServers, "99999999999999999999999999", "99999999999999999999999… is too much"},
		{stepServers, strings.Repeat("9", 300), "… is too much"},
		{stepServers, "three", `"three" is no whole number; type one from 1 to 9`},
		{stepObservers, "10", "10 is too much: 9 is the most"},
		{stepName, "", "Type a name"},
		{stepName, "../demo", "it has no / in it"},
		{stepName, `..\demo`, "it has no / in it"},
		{stepName, "..", "begins with a letter or a digit"},
		{stepName, "dä mo", "letters a to z"},
		{stepName, strings.Repeat("a", 49), "48 characters are the most"},
		{stepName, "lab", "There is an ensemble lab already"},
		{stepPort, "80", "80 is too little: 1024 is the least"},
		{stepPort, "70000", "70000 is too much: 65535 is the most"},
		{stepTick, "0", "0 is too little"},
		{stepInit, "-1", "-1 is too little"},
		{stepSync, "100001", "is too much"},
		{stepHeap, "2", "2 is too little: 32 is the least"},
		{stepDir, "", "Type the path of a folder"},
		{stepDir, "data", "Type the whole path"},
		{stepExtra, "maxClientCnxns", `Line 1, "maxClientCnxns", is not key=value`},
		{stepExtra, "server.9=127.0.0.1:1:2", "what the other questions make of them"},
		{stepExtra, "tickTime=1", "there is a question of its own"},
		{stepExtra, "a b=c", "is no key of zoo.cfg"},
	} {
		t.Run(fmt.Sprint(test.step, test.text), func(t *testing.T) {
			m := newMakerFake()
			d := drive(t, m, 80, 24)
			if test.step == stepDir {
				d.w.a.where, d.w.a.dir = whereFolder, dir
			}
			d.to(test.step)
			d.answer(test.text)
			d.want(test.want)
			if d.w.steps[d.w.asks.at].id != test.step {
				t.Errorf("it went on to %q", d.w.steps[d.w.asks.at].title)
			}
			d.press("ctrl+s")
			d.want(test.want) // nor is the rest skipped over it
		})
	}
}

// Pastes of anything but text are refused with a word, and change nothing.
func TestWizardPastes(t *testing.T) {
	for name, test := range map[string]struct {
		step             stepID
		text, want, note string
	}{
		"a line":        {stepName, "lab-7\n", "demolab-7", ""},
		"several lines": {stepName, "a\nb", "demo", "The paste has several lines; nothing was inserted."},
		"controls":      {stepName, "a\x1b[31mb", "demo", "The paste holds characters that cannot be shown; nothing was inserted."},
		"overrides":     {stepName, "a\u202eb", "demo", "The paste holds characters that cannot be shown; nothing was inserted."},
		"not UTF-8":     {stepName, "a\xff", "demo", "The paste holds characters that cannot be shown; nothing was inserted."},
		"long":          {stepName, strings.Repeat("x", 5000), "demo", "The paste is longer than 4,096 bytes; nothing was inserted."},
		"lines":         {stepExtra, "a=b\nc=d\n", "a=b\nc=d", ""},
		"lines of junk": {stepExtra, "a=b\x00\nc=d\n", "", "The paste holds characters that cannot be shown; nothing was inserted."},
	} {
		t.Run(name, func(t *testing.T) {
			d := drive(t, newMakerFake(), 80, 24)
			d.to(test.step)
			d.paste(test.text)
			if got := *d.w.steps[d.w.asks.at].value(&d.w.a); got != test.want {
				t.Errorf("the answer is %q, want %q", got, test.want)
			}
			if d.w.asks.q.note != test.note {
				t.Errorf("it says %q, want %q", d.w.asks.q.note, test.note)
			}
		})
	}
}

// An even number is allowed, and said to gain nothing.
func TestWizardWarnsOfEven(t *testing.T) {
	d := drive(t, newMakerFake(), 80, 24)
	d.press("4")
	d.want("4 servers: 3 of them must be up, so 1 server may fail.", "An even number is allowed and gains nothing")
	d.press("enter")
	d.want("How many observers besides?")
}

// The seconds follow what is typed.
func TestWizardCountsTicks(t *testing.T) {
	d := drive(t, newMakerFake(), 80, 24)
	d.to(stepTick)
	d.answer("500")
	d.want("initLimit 10 × 0.5 s = 5 s: how long a follower may take")
	d.press("7")
	d.want("initLimit 7 × 0.5 s = 3.5 s", "Under 5 s")
}

// What preflight finds blocks, and enter leads to the question that mends it.
func TestWizardFindingsBlock(t *testing.T) {
	m := newMakerFake()
	m.findings = []zoocfg.Finding{portFinding}
	d := drive(t, m, 80, 24)
	d.press("ctrl+s")
	d.want("Port 2182, the client port of server 2, is in use by java (pid 99).", "Stop who has it")
	d.press("enter")
	d.want("From which port on?", "Port 2182, the client port of server 2, is in use")
	if m.writes() != 0 {
		t.Fatal("it was written all the same")
	}
	m.set(func() { m.findings = nil })
	d.press("ctrl+s")
	d.want("Enter writes 7 files")
	m.set(func() {
		m.findings = []zoocfg.Finding{{Severity: zoocfg.Warning, What: "only a warning"}}
	})
	d.press("r")
	d.want("Only a warning.", "Enter writes 7 files")
	d.press("enter")
	if m.writes() != 1 {
		t.Error("a warning blocks")
	}
}

// A wish that cannot be leads to its question, wherever it comes up.
func TestWizardWishErrors(t *testing.T) {
	m := newMakerFake()
	d := drive(t, m, 80, 24)
	m.set(func() {
		m.planErr = &ensemble.WishError{Field: "Name", What: "there is an ensemble demo already", Mend: "take another name"}
	})
	d.press("ctrl+s")
	d.want("What is it called?", "There is an ensemble demo already; take another name.")
	m.set(func() {
		m.planErr = fmt.Errorf("planning: %w", &ensemble.WishError{Field: "BasePort", What: "port 21000 is in use", Mend: "take another number"})
	})
	d.to(stepPort)
	d.answer("21000")
	d.want("From which port on?", "Port 21000 is in use; take another number.")
	m.set(func() { m.planErr = errors.New("the disk is gone") })
	d.to(stepStart)
	d.press("enter")
	d.want("The disk is gone.")
	m.set(func() { m.planErr = nil })
	d.to(stepPort)
	d.answer("")
	if w := m.wishes(); d.w.a.port != "2181" || w[len(w)-1].BasePort != 21000 {
		t.Errorf("the port is %q after %+v", d.w.a.port, w[len(w)-1])
	}
	if m.writes() != 0 {
		t.Error("something was written")
	}
}

// A server that fails is explained, and can be tried again, kept, or taken back.
func TestWizardFailure(t *testing.T) {
	for name, test := range map[string]struct {
		keys   []string
		want   []string
		result string
		downs  int
	}{
		"shown": {nil, []string{
			"demo does not serve", "Server 2 ended with exit code 1", "BindException: Address already in use",
			"Another program listens on its client port 2182.", "Stop it, or take other ports.",
		}, "", 0},
		"log":   {[]string{"down", "enter"}, []string{"Log of server 2 of demo", `Address already in use\x1b[31m`}, "", 0},
		"again": {[]string{"enter"}, []string{"demo does not serve"}, "", 0},
		"back":  {[]string{"down", "down", "enter"}, []string{"How do the servers start?"}, "", 1},
		"kept":  {[]string{"down", "down", "down", "enter"}, nil, "finished demo, started true", 0},
		"gone":  {[]string{"down", "down", "down", "down", "enter"}, nil, "cancelled", 1},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMakerFake()
			m.failing()
			d := drive(t, m, 80, 24)
			d.to(stepStart)
			d.press("enter", "enter")
			d.press(test.keys...)
			d.want(test.want...)
			if d.result != test.result || m.last.downs != test.downs {
				t.Errorf("the result is %q after %d removals, want %q after %d", d.result, m.last.downs, test.result, test.downs)
			}
			if n := len(m.last.started); name == "again" && n != 2 {
				t.Errorf("started %d times", n)
			}
		})
	}
}

// No key of the fields does anything but edit them.
func TestWizardKeysOnlyEdit(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	d := drive(t, newMakerFake(), 80, 24)
	d.to(stepExtra)
	d.paste("a=b")
	for _, k := range []string{"ctrl+e", "ctrl+v", "ctrl+o", "ctrl+g", "alt+e", "ctrl+c"} {
		d.press(k)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
	d.want("Further settings?", "a=b")
}

// What cannot be written leads back, with the reason.
func TestWizardCannotWrite(t *testing.T) {
	m := newMakerFake()
	m.make = func(*ensemble.Plan) (wizardEnsemble, error) {
		return nil, errors.New("write the plan: no space left on device")
	}
	d := drive(t, m, 80, 24)
	d.press("ctrl+s", "enter")
	d.want("demo was not written", "no space left on device")
	d.press("enter")
	d.want("How many servers?")
}

// What preflight finds at the last moment is told as it was before.
func TestWizardRefusedAtTheStart(t *testing.T) {
	m := newMakerFake()
	m.make = func(p *ensemble.Plan) (wizardEnsemble, error) {
		e := newMadeFake(p)
		e.start = &ensemble.PreflightError{Findings: []zoocfg.Finding{{Severity: zoocfg.Warning, What: "a warning"}, portFinding}}
		return e, nil
	}
	d := drive(t, m, 80, 24)
	d.press("ctrl+s", "enter")
	d.want("demo does not serve", "Port 2182, the client port of server 2, is in use by java (pid 99).")
	d.wantNot("a warning")
}

// Only writing starts nothing.
func TestWizardOnlyWrites(t *testing.T) {
	m := newMakerFake()
	d := drive(t, m, 80, 24)
	d.to(stepStart)
	d.press("up", "enter")
	d.want("starts nothing")
	d.enter(1)
	if d.result != "finished demo, started false" || len(m.last.started) != 0 {
		t.Errorf("the result is %q, started %v", d.result, m.last.started)
	}
}

// Where Java or ZooKeeper is missing, the command that installs it is there to copy,
// and a place can be named.
func TestWizardMissing(t *testing.T) {
	m := newMakerFake()
	there := m.found
	m.found = wizardFound{javaErr: &distro.MissingError{What: "Java", Install: []string{"# a remark", "sudo apt-get install default-jre-headless"}}}
	d := drive(t, m, 80, 24)
	d.want("There is no Java here", "sudo apt-get install default-jre-headless")
	d.press("y")
	if d.copied != "copied sudo apt-get install default-jre-headless" {
		t.Errorf("%q", d.copied)
	}
	d.press("down", "enter")
	d.answer("/no/such/place")
	d.want("There is nothing at /no/such/place.")
	dir := t.TempDir()
	d.answer(dir)
	d.want("There is no Java here")
	if got := m.looked[len(m.looked)-1]; got[0] != dir {
		t.Errorf("looked at %q", got)
	}
	m.lacking()
	d.press("enter")
	d.want("There is no ZooKeeper here", "the source archive: it has no compiled classes")
	d.press("up", "up", "enter")
	d.answer(dir)
	if got := m.looked[len(m.looked)-1]; got[1] != dir {
		t.Errorf("looked at %q", got)
	}
	m.set(func() { m.found = there })
	d.press("up", "enter")
	d.want("How many servers?")
}

// A download that ends well is what the servers run on.
func TestWizardDownload(t *testing.T) {
	m := newMakerFake()
	there := m.found
	m.lacking()
	d := drive(t, m, 80, 24)
	d.enter(1)
	d.want("3.9.5", "the newest line", "▌ 3.8.6 stable")
	d.press("enter")
	d.want("4.2 of 14.0 MB are kept")
	d.press("down", "enter")
	d.answer("ftp://mirror")
	d.want("Type an address that begins with https://, or nothing.")
	var asked []string
	m.fetch = func(_ context.Context, mirror, version string, _ func(distro.Progress)) (distro.ZooKeeper, error) {
		asked = append(asked, mirror+" "+version)
		m.found = there
		return otherFound, nil
	}
	d.answer("https://mirror.example/zookeeper")
	d.want("How many servers?")
	if !slices.Equal(asked, []string{"https://mirror.example/zookeeper 3.8.6"}) {
		t.Errorf("asked for %q", asked)
	}
	d.press("ctrl+s")
	w := m.wishes()
	if got := w[len(w)-1].Distro; got == nil || got.Home != otherFound.Home {
		t.Errorf("it runs on %+v", got)
	}
}

// An archive at hand is installed.
func TestWizardInstallsFile(t *testing.T) {
	m := newMakerFake()
	there := m.found
	m.lacking()
	file := filepath.Join(t.TempDir(), "apache-zookeeper-3.9.5-bin.tar.gz")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	wrong := true
	m.install = func(_ context.Context, name string, _ func(distro.Progress)) (distro.ZooKeeper, error) {
		if name != file {
			t.Errorf("installs %q", name)
		}
		if wrong {
			return distro.ZooKeeper{}, errors.New("its SHA-512 is not the one that was expected")
		}
		m.found = there
		return otherFound, nil
	}
	d := drive(t, m, 80, 24)
	d.press("down", "enter")
	d.answer("/etc/passwd")
	d.want(`"passwd" is no .tar.gz.`)
	d.answer(file)
	d.want("Its SHA-512 is not the one that was expected.")
	wrong = false
	d.press("enter")
	d.want("How many servers?")
}

// Another ZooKeeper can be got where there is one; esc keeps the one that there is.
func TestWizardAnotherZooKeeper(t *testing.T) {
	m := newMakerFake()
	d := drive(t, m, 80, 24)
	d.to(stepZooKeeper)
	d.press("up", "enter")
	d.want("Where does ZooKeeper come from?")
	d.press("esc")
	d.want("Which ZooKeeper?", "▌ 3.8.0")
	d.press("enter", "enter", "enter")
	d.want("what would be written")
}

// Whatever is typed, pasted and resized, nothing panics, and every row has its width.
func TestWizardBearsAnything(t *testing.T) {
	names := []string{
		"enter", "enter", "enter", "esc", "shift+tab", "tab", "up", "down", "left", "right", "ctrl+s", "ctrl+u", "ctrl+j", "alt+enter", "ctrl+v", "ctrl+c",
		"backspace", "delete", "home", "end", "pgup", "pgdown", "y", "z", "e", "r", "g", "G", "q", "/", "?", "space", "1", "9", "ä", "世", "\u202e", "\x1b",
	}
	scenes := slices.Sorted(maps.Keys(wizardScenes))
	for seed := range uint64(40) {
		dice := rand.New(rand.NewPCG(seed, 7))
		m := newMakerFake()
		d := drive(t, m, 80, 24)
		wizardScenes[scenes[dice.IntN(len(scenes))]](d, m)
		for range 12 {
			switch dice.IntN(8) {
			case 0:
				junk := make([]byte, dice.IntN(40))
				for i := range junk {
					junk[i] = byte(dice.Uint32())
				}
				d.paste(string(junk))
			case 1:
				d.size = tea.WindowSizeMsg{Width: 40 + dice.IntN(160), Height: 10 + dice.IntN(50)}
			default:
				d.press(names[dice.IntN(len(names))])
			}
			d.checkCells()
		}
	}
}

// checkCells fails the test unless every row has its width, and the cursor is on one.
func (d *drivenWizard) checkCells() {
	d.t.Helper()
	width, height := d.size.Width, d.size.Height-6
	rows, cursor := d.w.render(d.st, width, height, d.now())
	if len(rows) != height {
		d.t.Fatalf("%d rows instead of %d", len(rows), height)
	}
	for _, r := range rows {
		if w := ansi.StringWidth(r); w != width {
			d.t.Fatalf("a row of %d cells instead of %d: %q", w, width, r)
		}
	}
	if cursor != nil && (cursor.X < 0 || cursor.X >= width || cursor.Y < 0 || cursor.Y >= height) {
		d.t.Fatalf("the cursor is at %d,%d", cursor.X, cursor.Y)
	}
}
