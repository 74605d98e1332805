package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"sync"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"zkdeck/config"
	"zkdeck/zkview"
)

// open runs the root command.
func open(ctx context.Context, cmd *cobra.Command, f *flags, args []string) error {
	st, err := newStage(cmd, f)
	if err != nil {
		return err
	}
	t, err := choose(f, cmd.Flags(), args, st.settings, st.before)
	if err != nil {
		return err
	}
	return st.show(ctx, func(ctx context.Context) (screen, error) {
		if t.assumed && t.TLS == nil && t.pin == "" {
			if why := silent(ctx, t.Servers); why != "" {
				st.log.Info("started", "version", versionText(), "open", "the start screen", "why", why)
				return screen{target: t, begin: st.begin(why)}, nil
			}
		}
		session, err := st.session(ctx, t, (*config.Auth).Secret)
		if err != nil {
			return screen{}, err
		}
		st.log.Info("started", "version", versionText(), "servers", t.Servers, "profile", t.Name, "readonly", t.ReadOnly)
		return screen{session: session, target: t, begin: st.begin("")}, nil
	})
}

// stage is what a screen stands on, whatever it shows first.
type stage struct {
	flags    *flags
	given    *pflag.FlagSet
	paths    config.Paths
	settings config.Settings
	look     look
	// before are the clusters that were used before and can be opened, the last used
	// first; gone are the others.
	before, gone []config.Recent
	log          *slog.Logger

	// remembering are the sessions that are remembered once they are granted, one at
	// a time.
	remembering sync.WaitGroup
	remembers   sync.Mutex
}

// newStage reads what a screen depends on. It makes nothing.
func newStage(cmd *cobra.Command, f *flags) (*stage, error) {
	st := &stage{flags: f, given: cmd.Flags(), paths: config.DefaultPaths(), log: slog.New(slog.DiscardHandler)}
	var err error
	if st.settings, err = config.Load(st.paths.Settings()); err != nil {
		return nil, usage(err)
	}
	if st.look, err = chooseLook(f, cmd, st.settings); err != nil {
		return nil, err
	}
	recent, err := config.ReadRecent(st.paths.Recent())
	if err != nil {
		return nil, err
	}
	st.before, st.gone = stillThere(recent, st.settings)
	return st, nil
}

// show runs a screen that open fills: everything else that can be wrong is found
// before the terminal is touched.
func (st *stage) show(ctx context.Context, open func(ctx context.Context) (screen, error)) error {
	if err := checkTerminal(); err != nil {
		return usage(err)
	}
	if err := st.paths.MakeState(); err != nil {
		return err
	}
	logFile, err := config.OpenLog(st.paths.Log(), config.LogLimit)
	if err != nil {
		return err
	}
	defer func() { _ = logFile.Close() }()
	// The default logger too, and with it package log: a library that prints must
	// not print over the screen.
	st.log = slog.New(slog.NewTextHandler(logFile, &slog.HandlerOptions{Level: st.flags.logLevel}))
	before := slog.Default()
	slog.SetDefault(st.log)
	defer slog.SetDefault(before)
	if err := reportCrashes(st.paths.Crash()); err != nil {
		st.log.Warn("a crash will leave no report", "err", err)
	}
	for _, r := range st.gone {
		st.log.Warn("what was used before cannot be opened any more", "profile", r.Profile, "servers", r.Servers)
	}
	s, err := open(ctx)
	if err != nil {
		return err
	}
	s.stage = st
	guard := guardTerminal(st.paths.Crash(), func(err error) { st.log.Warn("a crash may leave the terminal as it is", "err", err) })
	err = show(ctx, s)
	guard.release()
	if s.close != nil {
		s.close()
	}
	st.remembering.Wait() // show has closed every session
	return err
}

// session opens a session, and remembers its cluster as soon as the session is
// granted: what never answered is not what was used.
func (st *stage) session(ctx context.Context, t target, secret secretFunc) (*zkview.Session, error) {
	session, err := t.openWith(ctx, st.log, secret)
	if err != nil {
		return nil, err
	}
	st.remembering.Go(func() {
		if session.Ready(context.Background()) != nil { // it was closed before
			return
		}
		st.remembers.Lock()
		defer st.remembers.Unlock()
		if err := config.AddRecent(st.paths.Recent(), t.used); err != nil {
			st.log.Warn("the cluster is not remembered", "err", err)
		}
	})
	return session, nil
}

// look is how the screen is drawn.
type look struct {
	theme        config.Theme
	ascii, mouse bool
}

// chooseLook lays the flags that were given over the settings.
func chooseLook(f *flags, cmd *cobra.Command, settings config.Settings) (look, error) {
	l := look{settings.Theme, settings.ASCII, settings.Mouse}
	given := cmd.Flags()
	if given.Changed("theme") {
		theme, err := config.ParseTheme(f.theme)
		if err != nil {
			return l, usage(fmt.Errorf("--theme: %w", err))
		}
		l.theme = theme
	}
	if given.Changed("ascii") {
		l.ascii = f.ascii
	}
	if given.Changed("mouse") {
		l.mouse = f.mouse
	}
	return l, nil
}

// checkTerminal says why no screen can be drawn, if so.
func checkTerminal() error {
	if !term.IsTerminal(os.Stdout.Fd()) {
		return errors.New("the output is not a terminal, and without a command, such as zkdeck ls, there is nothing but a screen to show")
	}
	return checkTERM()
}

// checkTERM says why the terminal cannot show a screen, if so.
func checkTERM() error {
	if name := os.Getenv("TERM"); name == "dumb" || name == "" && runtime.GOOS != "windows" {
		return fmt.Errorf("a screen needs a terminal that can move the cursor, and TERM=%s says that this one cannot", name)
	}
	return nil
}

// secretFunc fetches the secret of an identity.
type secretFunc func(a *config.Auth, ctx context.Context) ([]byte, error)

// open opens the session with the target's secrets and certificates. It does not
// wait for a server.
func (t target) open(ctx context.Context, log *slog.Logger) (*zkview.Session, error) {
	return t.openWith(ctx, log, (*config.Auth).Secret)
}

func (t target) openWith(ctx context.Context, log *slog.Logger, fetch secretFunc) (*zkview.Session, error) {
	cfg, err := t.config(ctx, log, fetch)
	if err != nil {
		return nil, err
	}
	session, err := zkview.Open(cfg)
	if err != nil {
		return nil, usage(err)
	}
	return session, nil
}

// config is what a session of the target needs, its secrets and certificates included.
func (t target) config(ctx context.Context, log *slog.Logger, fetch secretFunc) (zkview.Config, error) {
	cfg := zkview.Config{Servers: t.Servers, Timeout: t.Timeout, ReadOnly: t.ReadOnly, Pin: t.pin, Logger: log}
	if t.TLS != nil {
		tlsConfig, err := t.TLS.Config()
		if err != nil {
			return cfg, usage(err)
		}
		cfg.TLS = tlsConfig
	}
	for _, a := range t.Auth {
		secret, err := fetch(&a, ctx)
		if err != nil {
			return cfg, usage(err)
		}
		cfg.Auth = append(cfg.Auth, zkview.Auth{Scheme: a.Scheme, Secret: secret})
	}
	return cfg, nil
}
