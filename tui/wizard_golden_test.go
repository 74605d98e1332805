package tui

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"zkdeck/config/ensemble"
	"zkdeck/config/ensemble/distro"
	"zkdeck/config/zoocfg"
)

// portFinding is what preflight says of a port that somebody has.
var portFinding = zoocfg.Finding{
	Severity: zoocfg.Error, File: "/x/zoo.cfg", Key: "clientPort", Rule: "port-in-use",
	What: "port 2182, the client port of server 2, is in use by java (pid 99)", Effect: "the server ends with exit code 1: address already in use",
	Mend: "stop who has it, or plan the ensemble with other ports",
}

// wizardScenes are all pages in their states, as keys lead to them.
var wizardScenes = map[string]func(d *drivenWizard, m *makerFake){
	"step-servers":       func(*drivenWizard, *makerFake) {},
	"step-servers-even":  func(d *drivenWizard, _ *makerFake) { d.press("backspace", "4") },
	"step-servers-wrong": func(d *drivenWizard, _ *makerFake) { d.answer("12") },
	"step-observers":     func(d *drivenWizard, _ *makerFake) { d.enter(1); d.press("backspace", "2") },
	"step-name":          func(d *drivenWizard, _ *makerFake) { d.enter(2) },
	"step-port":          func(d *drivenWizard, _ *makerFake) { d.enter(3) },
	"step-port-taken": func(d *drivenWizard, m *makerFake) {
		m.planErr = &ensemble.WishError{Field: "BasePort", What: "port 21001 is in use", Mend: "take another number, or leave it out and let free ones be found"}
		d.enter(3)
		d.answer("21000")
	},
	"step-where":     func(d *drivenWizard, _ *makerFake) { d.enter(4) },
	"step-dir":       func(d *drivenWizard, _ *makerFake) { d.enter(4); d.press("down", "down", "enter") },
	"step-tick":      func(d *drivenWizard, _ *makerFake) { d.to(stepTick) },
	"step-init":      func(d *drivenWizard, _ *makerFake) { d.to(stepInit) },
	"step-sync":      func(d *drivenWizard, _ *makerFake) { d.to(stepSync) },
	"step-heap":      func(d *drivenWizard, _ *makerFake) { d.to(stepHeap) },
	"step-admin":     func(d *drivenWizard, _ *makerFake) { d.to(stepAdmin); d.press("down") },
	"step-extra":     func(d *drivenWizard, _ *makerFake) { d.to(stepExtra); d.paste("maxClientCnxns=100\nsnapCount=5000") },
	"step-zookeeper": func(d *drivenWizard, _ *makerFake) { d.to(stepZooKeeper); d.press("down") },
	"step-java":      func(d *drivenWizard, _ *makerFake) { d.to(stepJava) },
	"step-start":     func(d *drivenWizard, _ *makerFake) { d.to(stepStart); d.press("down") },
	"review":         func(d *drivenWizard, _ *makerFake) { d.press("enter", "backspace", "1", "ctrl+s") },
	"review-one":     func(d *drivenWizard, _ *makerFake) { d.press("ctrl+s", "z", "right", "e") },
	"review-end":     func(d *drivenWizard, _ *makerFake) { d.press("ctrl+s", "G") },
	"review-findings": func(d *drivenWizard, m *makerFake) {
		m.findings = []zoocfg.Finding{portFinding, {Severity: zoocfg.Warning, Rule: "tmp", What: "dataDir lies in a temporary folder", Effect: "it may be gone after a reboot", Mend: "keep it elsewhere"}}
		d.press("ctrl+s")
	},
	"starting": func(d *drivenWizard, _ *makerFake) { d.startingAt(700*time.Millisecond, ensemble.Electing) },
	"starting-in-turn": func(d *drivenWizard, _ *makerFake) {
		d.startingAt(700*time.Millisecond, ensemble.Electing)
		p := d.w.page.(*launchPage)
		p.last.turn = 2
		for i := range p.last.status.Servers {
			if v := &p.last.status.Servers[i]; i > 0 {
				v.State, v.Pid = ensemble.Exited, 0
			}
		}
	},
	"interrupted": func(d *drivenWizard, _ *makerFake) {
		d.startingAt(700*time.Millisecond, ensemble.Electing)
		d.press("esc")
	},
	"serving":    func(d *drivenWizard, _ *makerFake) { d.press("ctrl+s", "enter") },
	"failed":     func(d *drivenWizard, m *makerFake) { m.failing(); d.press("ctrl+s", "enter") },
	"failed-log": func(d *drivenWizard, m *makerFake) { m.failing(); d.press("ctrl+s", "enter", "down", "enter") },
	"no-java": func(d *drivenWizard, m *makerFake) {
		m.found = wizardFound{javaErr: &distro.MissingError{What: "Java", Install: []string{"sudo apt-get install default-jre-headless"}}}
		d.again()
	},
	"no-zookeeper": func(d *drivenWizard, m *makerFake) { m.lacking(); d.again() },
	"versions":     func(d *drivenWizard, m *makerFake) { m.lacking(); d.again(); d.enter(1) },
	"mirror": func(d *drivenWizard, m *makerFake) {
		m.lacking()
		d.again()
		d.enter(1)
		d.press("down", "down", "enter")
	},
	"fetching": func(d *drivenWizard, m *makerFake) {
		m.lacking()
		d.again()
		d.enter(1)
		d.press("enter")
		p := d.w.page.(*fetchPage)
		p.ended, p.asks, p.about = false, nil, nil
		p.now = distro.Progress{Step: "download", Done: 4_200_000, Total: 14_000_000, From: "dlcdn.apache.org"}
	},
	"fetch-failed": func(d *drivenWizard, m *makerFake) { m.lacking(); d.again(); d.enter(2) },
}

// startingAt shows a start as it is after some time.
func (d *drivenWizard) startingAt(after time.Duration, state ensemble.State) {
	d.press("ctrl+s", "enter")
	p := d.w.page.(*launchPage)
	made := p.last.made.(*madeFake)
	p.ended, p.served = time.Time{}, map[int]time.Time{}
	p.last = launchProgress{step: launchStarting, made: made, status: made.status(after, state)}
}

// again looks at the machine once more.
func (d *drivenWizard) again() { d.run(d.w.look()) }

// failing has the second server end at once.
func (m *makerFake) failing() {
	m.make = func(p *ensemble.Plan) (wizardEnsemble, error) {
		e := newMadeFake(p)
		e.serve = func(context.Context, func(ensemble.Status)) (ensemble.Status, error) {
			s := e.status(900*time.Millisecond, ensemble.Electing)
			s.Servers[1].State, s.Servers[1].Pid = ensemble.Exited, 0
			s.Servers[1].Exit = &ensemble.Exit{
				Code: 1, Line: "java.net.BindException: Address already in use", Why: "another program listens on its client port 2182", Mend: "stop it, or take other ports",
			}
			return s, &ensemble.FailedError{Status: s, Server: 2, Line: s.Servers[1].Exit.Line, Why: s.Servers[1].Exit.Why, Mend: s.Servers[1].Exit.Mend}
		}
		m.last = e
		return e, nil
	}
}

// lacking has no ZooKeeper on the machine, and a download that breaks off.
func (m *makerFake) lacking() {
	m.found = wizardFound{java: &fakeJava, zkErr: &distro.MissingError{
		What: "ZooKeeper", Install: []string{"sudo apt-get install zookeeper   # the servers' files only", "zkdeck ensemble download"},
		Rejected: []distro.Rejected{{Path: "/opt/apache-zookeeper-3.9.5", From: "/opt", Why: "the source archive: it has no compiled classes; take apache-zookeeper-3.9.5-bin.tar.gz"}},
	}}
	m.fetch = func(_ context.Context, _, _ string, tell func(distro.Progress)) (distro.ZooKeeper, error) {
		tell(distro.Progress{Step: "download", Done: 4_200_000, Total: 14_000_000, From: "dlcdn.apache.org"})
		return distro.ZooKeeper{}, &distro.InterruptedError{Done: 4_200_000, Total: 14_000_000, Err: errors.New("dlcdn.apache.org closed the connection")}
	}
}

func TestWizardGoldens(t *testing.T) {
	for name, to := range wizardScenes {
		for _, size := range [][2]int{{80, 24}, {120, 36}} {
			t.Run(fmt.Sprint(name, size[0]), func(t *testing.T) {
				m := newMakerFake()
				d := drive(t, m, size[0], size[1])
				to(d, m)
				golden.RequireEqual(t, d.screen()+"\n")
			})
		}
	}
}
