package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"zkdeck/internal/yamlerr"
)

// maxSettings bounds what is read of a settings file, in bytes.
const maxSettings = 1 << 20

// Settings are what the settings file says.
type Settings struct {
	// Servers is the connect string to use where no profile is.
	Servers string `yaml:"servers"`
	// Profile names the profile to use where neither servers nor a profile are
	// named on the command line.
	Profile string `yaml:"profile"`
	// Profiles are the clusters that have a name.
	Profiles []Profile `yaml:"profiles"`
	// Theme is the set of colours, [ThemeAuto] if the file names none.
	Theme Theme `yaml:"theme"`
	// ASCII draws without any glyph that is not in ASCII.
	ASCII bool `yaml:"ascii"`
	// Mouse turns the mouse on.
	Mouse bool `yaml:"mouse"`
}

// Profile is a cluster that has a name, and how to speak with it.
type Profile struct {
	Name string `yaml:"name"`
	// Servers is ZooKeeper's connect string.
	Servers string `yaml:"servers"`
	// ReadOnly refuses every write.
	ReadOnly bool `yaml:"readonly"`
	// Timeout is the session timeout to ask for; zero leaves the choice to the
	// program.
	Timeout time.Duration `yaml:"timeout"`
	// TLS, if not nil, encrypts the connection.
	TLS *TLS `yaml:"tls"`
	// Auth are the identities to present.
	Auth []Auth `yaml:"auth"`
}

// Theme is a choice of colours.
type Theme string

// The themes. Auto asks the terminal for its background.
const (
	ThemeAuto  Theme = "auto"
	ThemeDark  Theme = "dark"
	ThemeLight Theme = "light"
)

// ParseTheme returns the theme of that name; the empty name is [ThemeAuto].
func ParseTheme(s string) (Theme, error) {
	switch t := Theme(s); t {
	case "":
		return ThemeAuto, nil
	case ThemeAuto, ThemeDark, ThemeLight:
		return t, nil
	}
	return "", fmt.Errorf("there is no theme %q; there are auto, dark and light", s)
}

// Find returns the profile of that name.
func (s Settings) Find(name string) (Profile, error) {
	for _, p := range s.Profiles {
		if p.Name == name {
			return p, nil
		}
	}
	names := make([]string, len(s.Profiles))
	for i, p := range s.Profiles {
		names[i] = p.Name
	}
	if len(names) == 0 {
		return Profile{}, fmt.Errorf("there is no profile %q; the settings file names none", name)
	}
	return Profile{}, fmt.Errorf("there is no profile %q; there are %s", name, strings.Join(names, ", "))
}

// Load reads the settings file. Where there is none, the settings are the
// defaults. Every error names the file, and the line where one is to blame: an
// unknown key is an error, so that a misspelt "readonly" cannot pass unseen.
// Secrets and certificates are not read yet.
func Load(path string) (Settings, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Settings{Theme: ThemeAuto}, nil
	}
	if err != nil {
		return Settings{}, fmt.Errorf("reading the settings: %w", err)
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, maxSettings+1))
	if err != nil {
		return Settings{}, fmt.Errorf("reading the settings: %w", err)
	}
	if len(text) > maxSettings {
		return Settings{}, fmt.Errorf("%s is over %d bytes; that is no settings file", path, maxSettings)
	}
	s, err := parse(text)
	if err != nil {
		return Settings{}, fmt.Errorf("%s%w", path, err)
	}
	s.resolve(filepath.Dir(path))
	return s, nil
}

// parse reads settings. Its errors begin with ":LINE: " or ": ", to be put after
// the name of the file.
func parse(text []byte) (s Settings, err error) {
	defer yamlerr.Caught(&err)
	s = Settings{Theme: ThemeAuto}
	if err := checkKeys(text, s); err != nil {
		return s, err
	}
	err = yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(&s)
	if err != nil && !errors.Is(err, io.EOF) { // EOF: nothing but comments
		return s, yamlerr.AtLine(err)
	}
	if err := s.check(); err != nil {
		return s, fmt.Errorf(": %w", err)
	}
	return s, nil
}

// check holds what one key cannot say of itself.
func (s *Settings) check() error {
	var err error
	if s.Theme, err = ParseTheme(string(s.Theme)); err != nil {
		return err
	}
	var names []string
	for i := range s.Profiles {
		p := &s.Profiles[i]
		if p.Name == "" {
			return fmt.Errorf("profile %d has no name", i+1)
		}
		if slices.Contains(names, p.Name) {
			return fmt.Errorf("there are two profiles %q", p.Name)
		}
		names = append(names, p.Name)
		if err := p.check(); err != nil {
			return fmt.Errorf("profile %q: %w", p.Name, err)
		}
	}
	if s.Profile != "" {
		if _, err := s.Find(s.Profile); err != nil {
			return fmt.Errorf("profile: %w", err)
		}
	}
	return nil
}

func (p *Profile) check() error {
	if p.Servers == "" {
		return errors.New("names no servers")
	}
	if p.Timeout < 0 {
		return fmt.Errorf("the timeout %s is negative", p.Timeout)
	}
	if p.TLS != nil {
		if err := p.TLS.check(); err != nil {
			return err
		}
	}
	for i := range p.Auth {
		if err := p.Auth[i].check(); err != nil {
			return fmt.Errorf("auth %d: %w", i+1, err)
		}
	}
	return nil
}

// resolve makes the paths of a settings file in folder dir absolute.
func (s *Settings) resolve(dir string) {
	for i := range s.Profiles {
		p := &s.Profiles[i]
		if t := p.TLS; t != nil {
			t.CA, t.Cert, t.Key = expand(t.CA, dir), expand(t.Cert, dir), expand(t.Key, dir)
		}
		for j := range p.Auth {
			p.Auth[j].File = expand(p.Auth[j].File, dir)
		}
	}
}
