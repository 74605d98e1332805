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

// defaultServers is where a ZooKeeper of one's own listens. It is a variable so
// that tests depend on nobody's.
var defaultServers = "127.0.0.1:2181"

// target is the cluster to open: a profile, named or made up from flags.
type target struct {
	config.Profile
	pin, path string
	// profileReadOnly: the profile allows no writes, whatever flags say.
	profileReadOnly bool
	// assumed: nobody named it, nor was anything used before.
	assumed bool
	// used is what to remember of it, the zero value for nothing: what could not be
	// opened again by itself, or not as it was.
	used config.Recent
}

// title is what the screen calls the cluster.
func (t target) title() string {
	if t.Name != "" {
		return t.Name
	}
	return t.Servers
}

// choose finds the cluster that flags, arguments, environment and settings mean,
// and where they name none the first of those that were used before; commands give
// none of these, as they are to do the same every day. The settings' default
// profile counts only where no servers were named: its credentials are for its own
// servers. Every error is one of usage.
func choose(f *flags, given *pflag.FlagSet, args []string, settings config.Settings, before []config.Recent) (target, error) {
	t, err := cluster(f, args, settings)
	if err == nil && t.assumed && len(before) > 0 {
		t, err = again(before[0], settings)
	}
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
		if t.profileReadOnly && !f.readOnly {
			return t, usage(fmt.Errorf("profile %q is read-only; the settings file can change that, not --readonly=false", t.Name))
		}
		t.ReadOnly = f.readOnly
	}
	t.used.ReadOnly = t.ReadOnly && !t.profileReadOnly
	if given.Changed("timeout") {
		if f.timeout <= 0 {
			return t, usage(fmt.Errorf("--timeout %s: must be more than nothing", f.timeout))
		}
		t.Timeout = f.timeout
	}
	t.Timeout = cmp.Or(t.Timeout, defaultTimeout)
	tls := f.withTLS(given, t.TLS)
	if (tls == nil) != (t.TLS == nil) || tls != nil && *tls != *t.TLS {
		t.used = config.Recent{}
	}
	t.TLS = tls
	return t, nil
}

// again is a cluster that was used before. A connect string that is the default is
// no less assumed for that.
func again(r config.Recent, settings config.Settings) (target, error) {
	if r.Profile == "" {
		t := plain(r.Servers)
		t.ReadOnly, t.assumed = r.ReadOnly, r.Servers == defaultServers
		return t, nil
	}
	profile, err := settings.Find(r.Profile)
	if err != nil {
		return target{}, err
	}
	t := named(profile)
	t.ReadOnly = t.ReadOnly || r.ReadOnly
	return t, nil
}

// named is the target of a profile, plain one of a connect string.
func named(profile config.Profile) target {
	return target{Profile: profile, profileReadOnly: profile.ReadOnly, used: config.Recent{Profile: profile.Name}}
}

func plain(servers string) target {
	return target{Profile: config.Profile{Servers: servers}, used: config.Recent{Servers: servers}}
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
		t := named(profile)
		if servers != "" && servers != profile.Servers {
			t.Servers, t.used = servers, config.Recent{}
		}
		return t, nil
	}
	servers = cmp.Or(servers, settings.Servers)
	t := plain(cmp.Or(servers, defaultServers))
	t.assumed = servers == ""
	return t, nil
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
