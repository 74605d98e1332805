package tui

import (
	"context"
	"slices"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/zktest"
	"zkdeck/internal/zktest/seed"
	"zkdeck/zkview"
)

// benchKids is the number of siblings of the budget, benchKeys how many keys of a
// kind are pressed.
const benchKids, benchKeys = 312_763, 2000

// BenchmarkKey measures Update and View together for a key among 312,763 siblings
// at 200x60, over a real session whose feed reads what comes into view.
func BenchmarkKey(b *testing.B) {
	addr := zktest.Start(b, 1).Addr()
	if err := seed.Wide(b.Context(), zktest.Connect(b, addr), "/tasks", benchKids); err != nil {
		b.Fatal(err)
	}
	m := benchModel(b, addr)
	for _, k := range []struct {
		name string
		key  tea.Key
	}{{"j", tea.Key{Code: 'j', Text: "j"}}, {"pgdown", tea.Key{Code: tea.KeyPgDown}}} {
		b.Run(k.name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				m.tree.selectRow(0)
				for range benchKeys {
					m.takeNews()
					start := time.Now()
					m.Update(tea.KeyPressMsg(k.key))
					m.View()
					took = append(took, time.Since(start))
				}
			}
			slices.Sort(took)
			ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
			b.ReportMetric(ms(took[len(took)/2]), "ms-p50")
			b.ReportMetric(ms(took[len(took)*99/100]), "ms-p99")
		})
	}
}

// benchModel is a screen of 200x60 on which all children of /tasks show.
func benchModel(b *testing.B, addr string) *model {
	sess, err := zkview.Open(zkview.Config{Servers: addr})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = sess.Close() })
	m := newModel(b.Context(), Options{Session: sess, Title: addr})
	b.Cleanup(m.feed.Close)
	m.Update(tea.WindowSizeMsg{Width: 200, Height: 60})
	m.tree.tree.Expand("/tasks")
	m.feed.Open("/tasks", zkview.OpenListing)
	m.Update(statusChangedMsg{sess.Status()})
	ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
	defer cancel()
	for m.tree.len() < benchKids {
		batch, err := m.feed.Next(ctx)
		if err != nil {
			b.Fatalf("opening /tasks: %v", err)
		}
		m.Update(newsMsg{batch})
	}
	return m
}

// takeNews applies what the feed has learned, if anything.
func (m *model) takeNews() {
	ctx, cancel := context.WithCancel(m.ctx)
	cancel()
	if batch, err := m.feed.Next(ctx); err == nil {
		m.Update(newsMsg{batch})
	}
}
