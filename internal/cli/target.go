package cli

import (
	"cmp"
	"fmt"
	"os"

	"github.com/spf13/pflag"

	"zkdeck/config"
	"zkdeck/zkview"
)

// environ is the environment variable that names servers.
const environ = "ZKDECK_SERVERS"

// defaultServers is where a ZooKeeper of one's own listens.
const defaultServers = "127.0.0.1:2181"

// target is the cluster to open: a profile, named or made up from flags.
type target struct {
	config.Profile
	pin, path string
}

// title is what the screen calls the cluster.
func (t target) title() string {
	if t.Name != "" {
		return t.Name
	}
	return t.Servers
}

// choose finds the cluster that flags, arguments, environment and settings mean.
// The settings' default profile counts only where no servers were named: its
// credentials are for its own servers. Every error is one of usage.
func choose(f *flags, given *pflag.FlagSet, args []string, settings config.Settings) (target, error) {
	t, err := cluster(f, args, settings)
	if err != nil {
		return t, usage(err)
	}
	if _, err := zkview.ParseServers(t.Servers); err != nil {
		return t, usage(err)
	}
	t.pin, t.path = f.pin, f.path
	if t.path != "" {
		if err := zkview.CheckPath(t.path); err != nil {
			return t, usage(fmt.Errorf("--path %s: %w", t.path, err))
		}
	}
	if given.Changed("readonly") {
		if t.ReadOnly && !f.readOnly {
			return t, usage(fmt.Errorf("profile %q is read-only; the settings file can change that, not --readonly=false", t.Name))
		}
		t.ReadOnly = f.readOnly
	}
	if given.Changed("timeout") {
		if f.timeout <= 0 {
			return t, usage(fmt.Errorf("--timeout %s: must be more than nothing", f.timeout))
		}
		t.Timeout = f.timeout
	}
	t.Timeout = cmp.Or(t.Timeout, defaultTimeout)
	t.TLS = f.withTLS(given, t.TLS)
	return t, nil
}

// cluster finds servers, and the profile that goes with them if any.
func cluster(f *flags, args []string, settings config.Settings) (target, error) {
	servers := f.servers
	if len(args) > 0 {
		if servers != "" && servers != args[0] {
			return target{}, fmt.Errorf("servers are named twice, as --servers %s and as %s", servers, args[0])
		}
		servers = args[0]
		if servers == "" {
			return target{}, fmt.Errorf("the connect string is empty; leave it out for %s", defaultServers)
		}
	}
	name := f.profile
	if name == "" && servers == "" {
		servers = os.Getenv(environ)
	}
	if name == "" && servers == "" {
		name = settings.Profile
	}
	if name != "" {
		profile, err := settings.Find(name)
		if err != nil {
			return target{}, err
		}
		if servers != "" {
			profile.Servers = servers
		}
		return target{Profile: profile}, nil
	}
	servers = cmp.Or(servers, settings.Servers, defaultServers)
	return target{Profile: config.Profile{Servers: servers}}, nil
}

// withTLS lays the --tls flags that were given over a profile's.
func (f *flags) withTLS(given *pflag.FlagSet, profile *config.TLS) *config.TLS {
	t, on := config.TLS{}, false
	if profile != nil {
		t, on = *profile, true
	}
	set := func(name string, apply func()) {
		if given.Changed(name) {
			apply()
			on = true
		}
	}
	set("tls-ca", func() { t.CA = f.tls.CA })
	set("tls-cert", func() { t.Cert = f.tls.Cert })
	set("tls-key", func() { t.Key = f.tls.Key })
	set("tls-server-name", func() { t.ServerName = f.tls.ServerName })
	set("tls-insecure", func() { t.Insecure = f.tls.Insecure })
	if given.Changed("tls") {
		on = f.tlsOn
	}
	if !on {
		return nil
	}
	return &t
}
