package tui

import (
	"context"
	"fmt"
	"sync"

	tea "charm.land/bubbletea/v2"

	"zkdeck/zkview"
)

// Sorting by anything but the name needs the Stat of every sibling, one request
// each. maxSorted is up to how many siblings that is done unasked; statBatch is
// how many come back at once, so that the rows fall into place while one looks.
const (
	maxSorted = 20_000
	statBatch = 500
	statCalls = 16
)

// sortStats asks for the Stats that the order needs and the tree lacks. It runs
// again with every batch until nothing is lacking.
func (m *model) sortStats() tea.Cmd {
	if m.order.By == zkview.ByName || m.sorting || m.header.status.State != zkview.Connected {
		return nil
	}
	for _, p := range m.tree.tree.Wants(0, 0, "").Children {
		missing := m.tree.tree.Missing(p)
		switch {
		case missing == 0 || m.unsorted[p]:
			continue
		case missing > maxSorted:
			m.unsorted[p] = true
			m.say(levelWarn, fmt.Sprintf("%s has %s children whose %s is not known; only those seen are sorted",
				p, comma(missing), m.order.By))
			continue
		}
		paths := m.tree.tree.Unknown(p, statBatch)
		if len(paths) == 0 {
			continue
		}
		m.sorting = true
		return m.readStats(paths)
	}
	return nil
}

// readStats reads Stats in the background, behind whatever a person waits for.
func (m *model) readStats(paths []string) tea.Cmd {
	sess, now := m.sess, m.now
	return m.call(func(ctx context.Context) tea.Msg {
		ctx = zkview.Background(ctx)
		news := make([]zkview.News, len(paths))
		var wg sync.WaitGroup
		next := make(chan int)
		for range statCalls {
			wg.Go(func() {
				for i := range next {
					stat, err := sess.Stat(ctx, paths[i])
					news[i] = zkview.News{Kind: zkview.StatNews, Path: paths[i], At: now(), Stat: stat, Err: err}
				}
			})
		}
		for i := range paths {
			next <- i
		}
		close(next)
		wg.Wait()
		return statsReadMsg{news}
	})
}

// statsRead takes a batch and asks for the next. What could not be read would be
// asked for for ever, so a failure ends it until the order is chosen again.
func (m *model) statsRead(news []zkview.News) tea.Cmd {
	m.sorting = false
	m.tree.tree.Apply(news...)
	m.tree.settle()
	for _, n := range news {
		if n.Err != nil {
			m.unsorted[parentOf(n.Path)] = true
		}
	}
	return tea.Batch(m.jobs(), m.sortStats())
}
