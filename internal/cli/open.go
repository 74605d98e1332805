package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"zkdeck/config"
	"zkdeck/zkview"
)

// open runs the root command: everything that can be wrong is found before the
// terminal is touched.
func open(ctx context.Context, cmd *cobra.Command, f *flags, args []string) error {
	paths := config.DefaultPaths()
	settings, err := config.Load(paths.Settings())
	if err != nil {
		return usage(err)
	}
	t, err := choose(f, cmd.Flags(), args, settings)
	if err != nil {
		return err
	}
	look, err := chooseLook(f, cmd, settings)
	if err != nil {
		return err
	}
	if err := checkTerminal(); err != nil {
		return usage(err)
	}
	if err := paths.MakeState(); err != nil {
		return err
	}
	logFile, err := config.OpenLog(paths.Log(), config.LogLimit)
	if err != nil {
		return err
	}
	defer func() { _ = logFile.Close() }()
	// The default logger too, and with it package log: a library that prints must
	// not print over the screen.
	log := slog.New(slog.NewTextHandler(logFile, &slog.HandlerOptions{Level: f.logLevel}))
	before := slog.Default()
	slog.SetDefault(log)
	defer slog.SetDefault(before)
	if err := reportCrashes(paths.Crash()); err != nil {
		log.Warn("a crash will leave no report", "err", err)
	}
	session, err := t.open(ctx, log)
	if err != nil {
		return err
	}
	log.Info("started", "version", versionText(), "servers", t.Servers, "profile", t.Name, "readonly", t.ReadOnly)
	guard := guardTerminal(paths.Crash(), func(err error) { log.Warn("a crash may leave the terminal as it is", "err", err) })
	err = show(ctx, screen{session, t, look, paths, log})
	guard.release()
	return err
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

// open opens the session with the target's secrets and certificates. It does not
// wait for a server.
func (t target) open(ctx context.Context, log *slog.Logger) (*zkview.Session, error) {
	cfg := zkview.Config{Servers: t.Servers, Timeout: t.Timeout, ReadOnly: t.ReadOnly, Pin: t.pin, Logger: log}
	if t.TLS != nil {
		tlsConfig, err := t.TLS.Config()
		if err != nil {
			return nil, usage(err)
		}
		cfg.TLS = tlsConfig
	}
	for _, a := range t.Auth {
		secret, err := a.Secret(ctx)
		if err != nil {
			return nil, usage(err)
		}
		cfg.Auth = append(cfg.Auth, zkview.Auth{Scheme: a.Scheme, Secret: secret})
	}
	session, err := zkview.Open(cfg)
	if err != nil {
		return nil, usage(err)
	}
	return session, nil
}
