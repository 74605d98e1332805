package tui

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"zkdeck/config/ensemble"
	"zkdeck/config/ensemble/distro"
	"zkdeck/config/zoocfg"
)

// logTail is how much of a log the wizard shows, in entries.
const logTail = 500

// storeMaker makes ensembles in a store.
type storeMaker struct{ store *ensemble.Store }

var _ wizardMaker = storeMaker{}

// newWizardMaker makes ensembles in the store of a person.
func newWizardMaker(store *ensemble.Store) wizardMaker { return storeMaker{store} }

func (m storeMaker) Look(ctx context.Context, java, zookeeper string) wizardFound {
	var f wizardFound
	env := m.store.Env
	if zookeeper != "" {
		f.zookeepers, _, f.zkErr = env.Find(zookeeper)
	}
	usual, rejected, err := env.Find("")
	f.rejected = rejected
	for _, z := range usual {
		if !slices.ContainsFunc(f.zookeepers, func(o distro.ZooKeeper) bool { return o.Home == z.Home }) {
			f.zookeepers = append(f.zookeepers, z)
		}
	}
	if f.zkErr == nil && len(f.zookeepers) == 0 {
		f.zkErr = err
	}
	needs := 0
	if len(f.zookeepers) > 0 {
		needs = f.zookeepers[0].NeedsJava()
	}
	if j, err := env.FindJavaFor(needs, java); err != nil {
		f.javaErr = err
	} else {
		f.java = &j
	}
	f.javas = env.Javas()
	list, err := m.store.List(ctx)
	for _, l := range list {
		f.taken = append(f.taken, l.Name)
	}
	f.planErr = err
	if f.java != nil && len(f.zookeepers) > 0 && err == nil {
		f.plan, f.planErr = m.store.Plan(ctx, ensemble.Wish{Distro: &f.zookeepers[0], Java: java})
	}
	return f
}

func (m storeMaker) Plan(ctx context.Context, w ensemble.Wish) (*ensemble.Plan, error) {
	return m.store.Plan(ctx, w)
}

func (m storeMaker) Preflight(ctx context.Context, p *ensemble.Plan) []zoocfg.Finding {
	return m.store.Preflight(ctx, p)
}

func (m storeMaker) Files(p *ensemble.Plan) ([]ensemble.File, error) { return p.Files() }

func (m storeMaker) Create(ctx context.Context, p *ensemble.Plan) (wizardEnsemble, error) {
	e, err := m.store.Create(ctx, p)
	if err != nil {
		return nil, err
	}
	return madeEnsemble{e}, nil
}

// downloader fetches from a mirror, "" for what the environment or Apache says.
func (m storeMaker) downloader(mirror string) *distro.Downloader {
	d := distro.NewDownloader(m.store.Env.Managed, m.store.Env.Getenv)
	if mirror != "" {
		d.Mirror = mirror
	}
	d.Logger = m.store.Logger
	return d
}

func (m storeMaker) Versions(ctx context.Context, mirror string) ([]distro.Version, error) {
	return m.downloader(mirror).Versions(ctx)
}

func (m storeMaker) Fetch(ctx context.Context, mirror, version string, progress func(distro.Progress)) (distro.ZooKeeper, error) {
	return m.downloader(mirror).Fetch(ctx, version, progress)
}

func (m storeMaker) Install(ctx context.Context, file string, progress func(distro.Progress)) (distro.ZooKeeper, error) {
	return m.downloader("").Install(ctx, file, progress)
}

// madeEnsemble is an ensemble of a store.
type madeEnsemble struct{ *ensemble.Ensemble }

var _ wizardEnsemble = madeEnsemble{}

func (m madeEnsemble) AwaitServing(ctx context.Context, each func(ensemble.Status)) (ensemble.Status, error) {
	return m.Ensemble.AwaitServing(ctx, each)
}

func (m madeEnsemble) Down(ctx context.Context) error { return m.Ensemble.Down(ctx, true) }

func (m madeEnsemble) Log(ctx context.Context, id int) ([]string, error) {
	var lines []string
	err := m.Logs(ctx, ensemble.LogOptions{IDs: []int{id}, Tail: logTail}, func(l ensemble.LogLine) error {
		stamp := strings.TrimSpace(l.At.Format(time.TimeOnly) + " " + l.Level)
		if l.At.IsZero() {
			stamp = ""
		}
		for i, text := range strings.Split(l.Text, "\n") {
			if i == 0 {
				text = strings.TrimSpace(stamp + " " + text)
			}
			lines = append(lines, text)
		}
		return nil
	})
	if errors.Is(err, context.Canceled) {
		return nil, nil
	}
	return lines, err
}
