// Command bare is the least that a Bubble Tea program does to show a full screen
// and move a cursor in it: the floor that the benchmarks compare with.
package main

import (
	"fmt"
	"os"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// lines is how long the list is.
const lines = 1_000_000

// list shows numbered lines from top on, one of them with a cursor.
type list struct {
	width, height int
	top, at       int
}

func (l *list) Init() tea.Cmd { return nil }

func (l *list) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		l.width, l.height = msg.Width, msg.Height
	case tea.KeyPressMsg:
		switch msg.String() {
		case "j":
			l.at++
		case "k":
			l.at--
		case "pgdown":
			l.at, l.top = l.at+l.height, l.top+l.height
		case "q":
			return l, tea.Quit
		}
		l.at = min(max(l.at, 0), lines-1)
		l.top = min(max(l.top, l.at-l.height+1), l.at)
	}
	return l, nil
}

func (l *list) View() tea.View {
	var b strings.Builder
	fill := strings.Repeat(".", max(l.width-16, 0))
	for y := range l.height {
		if y > 0 {
			b.WriteByte('\n')
		}
		if n := l.top + y; n == l.at {
			fmt.Fprintf(&b, "> \x1b[7mline %07d\x1b[m %s ", n, fill)
		} else {
			fmt.Fprintf(&b, "  line %07d %s ", n, fill)
		}
	}
	v := tea.NewView(b.String())
	v.AltScreen = true
	return v
}

func main() {
	if _, err := tea.NewProgram(&list{}, tea.WithFPS(120)).Run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
