package cli

import (
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"zkdeck/config"
)

// defaultTimeout is the session timeout where neither flag nor profile has one.
const defaultTimeout = 10 * time.Second

// flags are the flags of the root command, most of which every command has, as
// they were given.
type flags struct {
	servers, profile, pin, path string
	readOnly                    bool
	timeout                     time.Duration
	theme                       string
	ascii, mouse                bool
	logLevel                    slog.Level
	tlsOn                       bool
	tls                         config.TLS
}

func (f *flags) register(cmd *cobra.Command) {
	fs := cmd.PersistentFlags()
	fs.StringVarP(&f.servers, "servers", "s", "", "the connect string ($"+environ+")")
	fs.StringVar(&f.profile, "profile", "", "the cluster of that name in the settings file")
	fs.BoolVar(&f.readOnly, "readonly", false, "let no write leave this program")
	fs.DurationVar(&f.timeout, "timeout", defaultTimeout, "session timeout to ask for; commands wait as long for a connection")
	fs.StringVar(&f.pin, "pin", "", "connect to this host:port only")
	fs.TextVar(&f.logLevel, "log-level", slog.LevelInfo, "how much is logged, debug, info, warn or error, to "+tilde(config.DefaultPaths().Log()))
	fs.BoolVar(&f.tlsOn, "tls", false, "encrypt the connection")
	fs.StringVar(&f.tls.CA, "tls-ca", "", "file of certificates to trust instead of the system's")
	fs.StringVar(&f.tls.Cert, "tls-cert", "", "file of our certificate")
	fs.StringVar(&f.tls.Key, "tls-key", "", "file of its private key")
	fs.StringVar(&f.tls.ServerName, "tls-server-name", "", "the name that the server's certificate must carry")
	fs.BoolVar(&f.tls.Insecure, "tls-insecure", false, "accept every certificate")

	f.registerLook(cmd)
	for _, name := range []string{"servers", "readonly", "timeout", "pin", "tls-server-name"} {
		complete(cmd, name, nil)
	}
	complete(cmd, "log-level", func() []string { return []string{"debug", "info", "warn", "error"} })
	complete(cmd, "profile", func() []string {
		settings, err := config.Load(config.DefaultPaths().Settings())
		if err != nil {
			return nil
		}
		var names []string
		for _, p := range settings.Profiles {
			names = append(names, p.Name)
		}
		return names
	})
}

// registerLook adds the flags of a screen to a command that shows one.
func (f *flags) registerLook(cmd *cobra.Command) {
	own := cmd.Flags()
	own.StringVar(&f.path, "path", "", "the znode to start at")
	own.StringVar(&f.theme, "theme", "", "colours: auto, dark or light")
	own.BoolVar(&f.ascii, "ascii", false, "draw with ASCII only")
	own.BoolVar(&f.mouse, "mouse", false, "take clicks and the wheel")
	complete(cmd, "path", nil)
	complete(cmd, "theme", func() []string { return []string{"auto", "dark", "light"} })
}

// complete gives a flag the words that a shell offers for it.
func complete(cmd *cobra.Command, name string, words func() []string) {
	err := cmd.RegisterFlagCompletionFunc(name, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		if words == nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return words(), cobra.ShellCompDirectiveNoFileComp
	})
	if err != nil {
		panic(err) // no such flag: a mistake in register
	}
}

// tilde shortens a path below the home folder to ~/….
func tilde(path string) string {
	home, err := os.UserHomeDir()
	if err != nil {
		return path
	}
	rest, err := filepath.Rel(home, path)
	if err != nil || !filepath.IsLocal(rest) {
		return path
	}
	return filepath.Join("~", rest)
}
