package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"zkdeck/config"
	"zkdeck/tui"
	"zkdeck/zkview"
)

// stillThere parts what was used before into what can be opened and what cannot: a
// profile that is no more, a connect string that somebody has written there.
func stillThere(before []config.Recent, settings config.Settings) (there, gone []config.Recent) {
	for _, r := range before {
		var err error
		if r.Profile != "" {
			_, err = settings.Find(r.Profile)
		} else {
			_, err = zkview.ParseServers(r.Servers)
		}
		if err == nil {
			there = append(there, r)
		} else {
			gone = append(gone, r)
		}
	}
	return there, gone
}

// begin is what the start screen offers, and how it opens that.
func (st *stage) begin(why string) *tui.Begin {
	b := &tui.Begin{Why: why, Open: st.choice}
	for _, r := range st.before {
		if r.Profile == "" {
			b.Recent = append(b.Recent, r.Servers)
		}
	}
	for _, p := range st.settings.Profiles {
		b.Profiles = append(b.Profiles, tui.BeginProfile{Name: p.Name, Servers: p.Servers, ReadOnly: p.ReadOnly})
	}
	return b
}

// choice opens what was chosen on the start screen. Of the flags hold those that
// say how to connect; the pin, the path and TLS were meant for what was named with
// them.
func (st *stage) choice(ctx context.Context, c tui.Choice) (tui.Opened, error) {
	var t target
	switch c.Kind {
	case tui.ChoiceSandbox:
		return st.openSandbox(ctx)
	case tui.ChoiceProfile:
		profile, err := st.settings.Find(c.Text)
		if err != nil {
			return tui.Opened{}, err
		}
		t = named(profile)
	case tui.ChoiceServers:
		if _, err := zkview.ParseServers(c.Text); err != nil {
			return tui.Opened{}, err
		}
		t = plain(c.Text)
		i := slices.IndexFunc(st.before, func(r config.Recent) bool { return r.Servers == c.Text })
		t.ReadOnly = i >= 0 && st.before[i].ReadOnly
	default:
		return tui.Opened{}, fmt.Errorf("nothing opens a choice of kind %d", c.Kind)
	}
	st.lay(&t)
	session, err := st.session(ctx, t, (*config.Auth).SecretAside)
	if err != nil {
		return tui.Opened{}, err
	}
	st.log.Info("opened", "servers", t.Servers, "profile", t.Name, "readonly", t.ReadOnly)
	return tui.Opened{Session: session, Title: t.title()}, nil
}

// lay lays the flags over a target of the start screen: no choice there lifts
// --readonly.
func (st *stage) lay(t *target) {
	if st.flags.readOnly {
		t.ReadOnly = true
	}
	t.used.ReadOnly = t.ReadOnly && !t.profileReadOnly
	if st.given.Changed("timeout") {
		t.Timeout = st.flags.timeout
	}
	t.Timeout = cmp.Or(t.Timeout, defaultTimeout)
}
