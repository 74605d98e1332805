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
const benchKids, benchKeys = 312_763, 1000

// benchPace is the time between two keys, some eight times faster than a held key.
const benchPace = 4 * time.Millisecond

// benchRounds of benchSpin take about a benchUnit.
const benchUnit, benchRounds = time.Microsecond, 600

var benchSink uint64

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
			var took, idle []time.Duration
			for b.Loop() {
				m.tree.selectRow(0)
				tick := time.NewTicker(benchPace)
				for range benchKeys {
					<-tick.C
					m.takeNews()
					start := time.Now()
					m.Update(tea.KeyPressMsg(k.key))
					m.View()
					took = append(took, time.Since(start))
					idle = append(idle, benchSpin(took[len(took)/2]))
				}
				tick.Stop()
			}
			ms := func(ds []time.Duration, percent int) float64 {
				slices.Sort(ds)
				return float64(ds[len(ds)*percent/100]) / float64(time.Millisecond)
			}
			b.ReportMetric(ms(took, 50), "ms-p50")
			b.ReportMetric(ms(took, 99), "ms-p99")
			b.ReportMetric(ms(idle, 99), "ms-spin-p99")
		})
	}
}

// benchSpin computes for about as long as d and returns how long that took: what is
// more is what the machine does besides.
func benchSpin(d time.Duration) time.Duration {
	start := time.Now()
	n := int(d / benchUnit)
	x := uint64(n)
	for range n * benchRounds {
		x = x*6364136223846793005 + 1442695040888963407
	}
	benchSink = x
	return time.Since(start)
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
	m.Update(statusChangedMsg{})
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
