package cli

import (
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/spf13/cobra"

	"zkdeck/config"
	"zkdeck/internal/screentest"
	"zkdeck/tui"
	"zkdeck/zkview"
)

var discard = slog.New(slog.DiscardHandler)

// parsed are the flags and the stage of a command line, with what was used before.
func parsed(t *testing.T, text string, before []config.Recent, args ...string) (*stage, []string) {
	t.Helper()
	dir := t.TempDir()
	settings := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(settings, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	loaded, err := config.Load(settings)
	if err != nil {
		t.Fatal(err)
	}
	var f flags
	cmd := &cobra.Command{}
	f.register(cmd)
	if err := cmd.ParseFlags(args); err != nil {
		t.Fatal(err)
	}
	st := &stage{flags: &f, given: cmd.Flags(), paths: config.Paths{State: dir}, settings: loaded, log: discard}
	st.before, st.gone = stillThere(before, loaded)
	return st, cmd.Flags().Args()
}

func TestChoose(t *testing.T) {
	t.Setenv(environ, "")
	noDefault := strings.Replace(settings, "profile: home", "", 1)
	nothing := strings.Replace(noDefault, "servers: from-settings", "", 1)
	used := func(r ...config.Recent) []config.Recent { return r }
	prod, home, gone := config.Recent{Servers: "prod:1"}, config.Recent{Profile: "home"}, config.Recent{Profile: "gone"}
	careful := config.Recent{Servers: "prod:1", ReadOnly: true}
	for name, c := range map[string]struct {
		settings string
		before   []config.Recent
		env      string
		args     []string
		servers  string
		readOnly bool
		assumed  bool
		used     config.Recent
	}{
		"nothing":                    {nothing, nil, "", nil, defaultServers, false, true, config.Recent{Servers: defaultServers}},
		"last used":                  {nothing, used(prod, home), "", nil, "prod:1", false, false, prod},
		"last used profile":          {nothing, used(home, prod), "", nil, "home-1,home-2/app", true, false, home},
		"profile that is no more":    {nothing, used(gone, prod), "", nil, "prod:1", false, false, prod},
		"nothing but what is gone":   {nothing, used(gone, config.Recent{Servers: "a,,b"}), "", nil, defaultServers, false, true, config.Recent{Servers: defaultServers}},
		"last used was the default":  {nothing, used(config.Recent{Servers: defaultServers}, prod), "", nil, defaultServers, false, true, config.Recent{Servers: defaultServers}},
		"default profile first":      {settings, used(prod), "", nil, "home-1,home-2/app", true, false, home},
		"settings first":             {noDefault, used(prod), "", nil, "from-settings", false, false, config.Recent{Servers: "from-settings"}},
		"environment first":          {nothing, used(prod), "e:1", nil, "e:1", false, false, config.Recent{Servers: "e:1"}},
		"argument first":             {nothing, used(prod), "e:1", []string{"a:1"}, "a:1", false, false, config.Recent{Servers: "a:1"}},
		"the default by name":        {nothing, used(prod), "", []string{defaultServers}, defaultServers, false, false, config.Recent{Servers: defaultServers}},
		"read-only stays":            {nothing, used(careful), "", nil, "prod:1", true, false, careful},
		"read-only unless said":      {nothing, used(careful), "", []string{"--readonly=false"}, "prod:1", false, false, prod},
		"read-only by name is not":   {nothing, used(careful), "", []string{"prod:1"}, "prod:1", false, false, prod},
		"read-only by flag":          {nothing, used(prod), "", []string{"--readonly"}, "prod:1", true, false, careful},
		"read-only profile":          {nothing, nil, "", []string{"--profile=home"}, "home-1,home-2/app", true, false, home},
		"profile read-only by flag":  {nothing, nil, "", []string{"--profile=secret", "--readonly"}, "s1", true, false, config.Recent{Profile: "secret", ReadOnly: true}},
		"profile read-only again":    {nothing, used(config.Recent{Profile: "secret", ReadOnly: true}), "", nil, "s1", true, false, config.Recent{Profile: "secret", ReadOnly: true}},
		"profile with other servers": {nothing, nil, "", []string{"--profile=home", "x:1"}, "x:1", true, false, config.Recent{}},
		"TLS is not remembered":      {nothing, nil, "", []string{"--tls", "x:1"}, "x:1", false, false, config.Recent{}},
		"nor another one":            {nothing, nil, "", []string{"--tls-insecure", "--profile=home"}, "home-1,home-2/app", true, false, config.Recent{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(environ, c.env)
			st, args := parsed(t, c.settings, c.before, c.args...)
			got, err := choose(st.flags, st.given, args, st.settings, st.before)
			if err != nil {
				t.Fatal(err)
			}
			if got.Servers != c.servers || got.ReadOnly != c.readOnly || got.assumed != c.assumed {
				t.Errorf("%s, read-only %t, assumed %t", got.Servers, got.ReadOnly, got.assumed)
			}
			if (c.used == config.Recent{}) {
				got.used.ReadOnly = false // of nothing
			}
			if got.used != c.used {
				t.Errorf("remembers %+v, want %+v", got.used, c.used)
			}
		})
	}
	st, _ := parsed(t, nothing, used(home), "--readonly=false")
	if _, err := choose(st.flags, st.given, nil, st.settings, st.before); err == nil {
		t.Error("a flag lifted read-only from a profile that was used last")
	}
}

// answering listens and does with each connection as told; nil lets it be. It returns
// the address.
func answering(t *testing.T, do func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var conns []net.Conn
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, c)
			mu.Unlock()
			if do != nil {
				do(c)
				_ = c.Close()
			}
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		all.Wait()
		for _, c := range conns {
			_ = c.Close()
		}
	})
	return l.Addr().String()
}

func says(text string) func(net.Conn) {
	return func(c net.Conn) {
		_, _ = c.Read(make([]byte, 4))
		_, _ = c.Write([]byte(text))
	}
}

func TestSilent(t *testing.T) {
	for name, c := range map[string]struct{ address, want string }{
		"ZooKeeper":   {answering(t, says("Zookeeper version: 3.8.0\n")), ""},
		"not allowed": {answering(t, says("srvr is not executed because it is not in the whitelist.\n")), ""},
		"no quorum":   {answering(t, says("This ZooKeeper instance is not currently serving requests\n")), ""},
		"refused":     {nobody, "Nothing answers at " + nobody + "."},
		"accepts":     {answering(t, nil), "Nothing answers at "},
		"hangs up":    {answering(t, says("")), "Nothing answers at "},
		"HTTP":        {answering(t, says("HTTP/1.1 400 Bad Request\r\n")), "speaks HTTP, which is not ZooKeeper's protocol."},
		"TLS":         {answering(t, says("\x15\x03\x03\x00\x02\x02\x46")), "speaks TLS; zkdeck --tls connects to it."},
	} {
		t.Run(name, func(t *testing.T) {
			if name != "accepts" { // there it is waited out
				was := silenceTime
				silenceTime = screentest.Deadline
				defer func() { silenceTime = was }()
			}
			got := silent(t.Context(), c.address)
			if !strings.Contains(got, c.want) || (got == "") != (c.want == "") {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// TestBegin sees what the start screen offers, and that no choice there lifts
// read-only.
func TestBegin(t *testing.T) {
	t.Setenv(environ, "")
	before := []config.Recent{{Servers: nobody, ReadOnly: true}, {Profile: "home"}, {Profile: "gone"}, {Servers: "b:1"}}
	st, _ := parsed(t, settings, before)
	b := st.begin("why")
	if want := []string{nobody, "b:1"}; b.Why != "why" || !reflect.DeepEqual(b.Recent, want) || len(b.Profiles) != 2 || !b.Profiles[0].ReadOnly {
		t.Errorf("it offers %+v", b)
	}
	for text, want := range map[tui.Choice]string{
		{Kind: tui.ChoiceServers, Text: "a,,b"}:     "is empty",
		{Kind: tui.ChoiceProfile, Text: "gone"}:     "there is no profile",
		{Kind: tui.ChoiceProfile, Text: "secret"}:   "NO_SUCH_VARIABLE is not set",
		{Kind: tui.ChoiceKind(99), Text: "nothing"}: "nothing opens",
	} {
		if _, err := b.Open(t.Context(), text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", text, err, want)
		}
	}
	opened, err := b.Open(t.Context(), tui.Choice{Kind: tui.ChoiceServers, Text: nobody})
	if err != nil {
		t.Fatal(err)
	}
	if err := opened.Session.Delete(t.Context(), "/x", -1); !errors.Is(err, zkview.ErrReadOnly) || opened.Title != nobody {
		t.Errorf("%q opened: %v", opened.Title, err)
	}
	if err := opened.Session.Close(); err != nil {
		t.Error(err)
	}
	st.remembering.Wait()
	if _, err := os.Stat(st.paths.Recent()); err == nil {
		t.Error("what never answered is remembered")
	}
}
