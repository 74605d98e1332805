package config_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"zkdeck/config"
)

const full = `
# what a person may set
servers: 127.0.0.1:2182
profile: prod-eu
theme: dark
ascii: true
mouse: true
profiles:
  - name: prod-eu
    servers: zk-1:2181,[fd00::2]:2181/kafka
    readonly: true
    timeout: 15s
    tls:
      ca: certs/ca.pem
      cert: /etc/zk/me.pem
      key: ~/me.key
      server_name: zk.example
      insecure: true
    auth:
      - {scheme: digest, env: ZK_SECRET}
      - scheme: digest
        file: prod.secret
      - scheme: sasl
        command: [pass, show, zk/prod]
  - name: plain
    servers: localhost
    tls: {}
`

// settingsFile writes a settings file and returns its path.
func settingsFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoadEverything(t *testing.T) {
	path := settingsFile(t, full)
	dir := filepath.Dir(path)
	s, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	home, err := os.UserHomeDir()
	if err != nil {
		t.Fatal(err)
	}
	want := config.Settings{
		Servers: "127.0.0.1:2182", Profile: "prod-eu", Theme: config.ThemeDark, ASCII: true, Mouse: true,
		Profiles: []config.Profile{
			{
				Name: "prod-eu", Servers: "zk-1:2181,[fd00::2]:2181/kafka", ReadOnly: true, Timeout: 15 * time.Second,
				TLS: &config.TLS{
					CA: filepath.Join(dir, "certs/ca.pem"), Cert: "/etc/zk/me.pem", Key: filepath.Join(home, "me.key"),
					ServerName: "zk.example", Insecure: true,
				},
				Auth: []config.Auth{
					{Scheme: "digest", Env: "ZK_SECRET"},
					{Scheme: "digest", File: filepath.Join(dir, "prod.secret")},
					{Scheme: "sasl", Command: []string{"pass", "show", "zk/prod"}},
				},
			},
			{Name: "plain", Servers: "localhost", TLS: &config.TLS{}},
		},
	}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("got  %+v\nwant %+v", s, want)
	}
	if p, err := s.Find("plain"); err != nil || p.Servers != "localhost" {
		t.Errorf("Find: %+v, %v", p, err)
	}
	if _, err := s.Find("prod"); err == nil || !strings.Contains(err.Error(), "there are prod-eu, plain") {
		t.Errorf("Find of an unknown one: %v", err)
	}
}

func TestLoadDefaults(t *testing.T) {
	want := config.Settings{Theme: config.ThemeAuto}
	for name, path := range map[string]string{
		"no file":      filepath.Join(t.TempDir(), "none", "config.yaml"),
		"empty file":   settingsFile(t, ""),
		"comment only": settingsFile(t, "# nothing yet\n"),
	} {
		if s, err := config.Load(path); err != nil || !reflect.DeepEqual(s, want) {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"unknown key":         {"theme: dark\ncolour: red\n", `config.yaml:2: unknown key "colour" in the settings; known here: servers, profile, profiles, theme, ascii, mouse`},
		"misspelt readonly":   {"profiles:\n- name: a\n  servers: b\n  reedonly: true\n", `config.yaml:4: unknown key "reedonly" in profiles, entry 1; known here: name, servers, readonly, timeout, tls, auth`},
		"inline secret":       {"profiles:\n- name: a\n  servers: b\n  auth:\n  - scheme: digest\n    secret: me:hunter2\n", `config.yaml:6: unknown key "secret" in auth, entry 1; known here: scheme, env, file, command (a secret itself never stands in this file)`},
		"key in tls":          {"profiles:\n- name: a\n  servers: b\n  tls: {cafile: x}\n", `config.yaml:4: unknown key "cafile" in tls; known here: ca, cert, key, server_name, insecure`},
		"tls without value":   {"profiles:\n- name: a\n  servers: b\n  tls:\n", `config.yaml:4: "tls" has no value`},
		"wrong type":          {"theme: dark\nmouse: sometimes\n", "config.yaml:2: "},
		"wrong duration":      {"profiles:\n- name: a\n  servers: b\n  timeout: soon\n", `"soon"`},
		"negative duration":   {"profiles:\n- name: a\n  servers: b\n  timeout: -1s\n", "negative"},
		"twice the same key":  {"theme: dark\ntheme: light\n", "config.yaml:2: "},
		"not YAML":            {"theme: [dark\n", "config.yaml:1: "},
		"a list":              {"- theme\n", "config.yaml:1: "},
		"library panics":      {"profiles: !x y, z]\n", "config.yaml: it is no YAML that can be read"},
		"two documents":       {"theme: dark\n---\ntheme: light\n", "several YAML documents"},
		"theme":               {"theme: neon\n", `config.yaml: there is no theme "neon"; there are auto, dark and light`},
		"profile has no name": {"profiles:\n- servers: b\n", "config.yaml: profile 1 has no name"},
		"no servers":          {"profiles:\n- name: a\n", `config.yaml: profile "a": names no servers`},
		"two of one name":     {"profiles:\n- {name: a, servers: b}\n- {name: a, servers: c}\n", `two profiles "a"`},
		"default profile":     {"profile: x\nprofiles:\n- {name: a, servers: b}\n", `there is no profile "x"; there are a`},
		"key without cert":    {"profiles:\n- {name: a, servers: b, tls: {key: k}}\n", "go together"},
		"secret from nowhere": {"profiles:\n- {name: a, servers: b, auth: [{scheme: digest}]}\n", `profile "a": auth 1: must name one of env, file and command`},
		"two sources":         {"profiles:\n- {name: a, servers: b, auth: [{scheme: digest, env: X, file: y}]}\n", "must name one of"},
		"no scheme":           {"profiles:\n- {name: a, servers: b, auth: [{env: X}]}\n", "names no scheme"},
		"huge":                {strings.Repeat("# filler\n", 200_000), "that is no settings file"},
		"alias bomb":          {"a: &a [x]\n", `unknown key "a"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := config.Load(settingsFile(t, c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the secret is in the error: %v", err)
			}
		})
	}
	if _, err := config.Load(t.TempDir()); err == nil {
		t.Error("a folder was read as settings")
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(full)
	f.Add("profiles: [{name: &x a, servers: *x, tls: }]")
	f.Add("<<: {theme: dark}")
	f.Fuzz(func(t *testing.T, text string) {
		_, _ = config.Load(settingsFile(t, text)) // an error or settings, never a panic
	})
}
