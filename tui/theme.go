package tui

import (
	"image/color"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

// palette gives each token of SCREENS.md its colour; nil leaves the terminal's
// own. The values stand here and nowhere else.
type palette struct {
	text, dim, accent, good, warn, bad color.Color
	selectBG                           color.Color // nil: the selected row is reversed
}

var (
	darkPalette = palette{
		text: lipgloss.Color("#D8DEE4"), dim: lipgloss.Color("#7D8590"), accent: lipgloss.Color("#79B8FF"),
		good: lipgloss.Color("#7EE2A8"), warn: lipgloss.Color("#F2CC60"), bad: lipgloss.Color("#FF8E86"),
		selectBG: lipgloss.Color("#1F2D3D"),
	}
	lightPalette = palette{
		text: lipgloss.Color("#24292F"), dim: lipgloss.Color("#6E7781"), accent: lipgloss.Color("#0550AE"),
		good: lipgloss.Color("#116329"), warn: lipgloss.Color("#7D4E00"), bad: lipgloss.Color("#B42318"),
		selectBG: lipgloss.Color("#DDEBFA"),
	}
	// ansiPalette leaves text to the terminal, so that it is legible on whatever
	// sixteen colours and background the person chose.
	ansiPalette = palette{
		dim: ansi.BrightBlack, accent: ansi.Cyan, good: ansi.Green, warn: ansi.Yellow, bad: ansi.Red,
	}
	monoPalette = palette{}
)

// ink is a way to write: a token, with the escape sequences that turn it on,
// plain and on the selected row. Sequences are made once per theme because a
// frame writes hundreds of them.
type ink struct{ on, onSelected string }

// off ends any ink.
const off = "\x1b[m"

// styles are the inks of a theme, handed down to whatever draws.
type styles struct {
	text, dim, accent, good, warn, bad ink
	bold, title, strike, danger        ink
	point                              ink // a key that is pointed at
	lit                                ink // a watch that has just fired
	alarm, caution                     ink // lines across the screen that nobody may overlook
	// mono tells that colours are absent, so that words must carry everything.
	mono bool
	glyphs
	// palette is what the inks were made of, for what others draw by our colours.
	palette palette
}

// glyphs are the signs on screen; the ASCII set is for terminals and fonts that
// have no others.
type glyphs struct {
	open, closed, bullet, half, ring, dotted, warnSign  string
	created, changed, deleted, denied, marked           string
	rule, divider, teeDown, teeUp, ellipsis, arrow, bar string
	corners                                             [4]string
	eighths                                             []string // a cell of a bar, from its first part to all of it
	newer, resync, block, cross                         string
	spark                                               [8]string // from nothing to the most
	midBranch, lastBranch                               string    // of a queue that is drawn as a tree
	partBlock, unseen                                   string    // of a timeline: a part of a cell, and not seen
	crossing                                            string    // of two rules
	head, up                                            string    // of arrows towards a znode that is watched
	litRule, litTee, litCorner                          string    // of such an arrow whose watch has just fired
}

var (
	unicodeGlyphs = glyphs{
		open: "▾", closed: "▸", bullet: "●", half: "◐", ring: "○", dotted: "◌", warnSign: "▲",
		created: "+", changed: "~", deleted: "-", denied: "⊘", marked: "◆",
		rule: "─", divider: "│", teeDown: "┬", teeUp: "┴", ellipsis: "…", arrow: "→", bar: "▌",
		corners: [4]string{"╭", "╮", "╰", "╯"},
		eighths: []string{"▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"},
		newer:   "▲", resync: "↻", block: "▇", cross: "✕", spark: [8]string{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"},
		midBranch: "├", lastBranch: "└", partBlock: "▂", unseen: "░",
		crossing: "┼", head: "◄", up: "↑", litRule: "═", litTee: "╤", litCorner: "╕",
	}
	asciiGlyphs = glyphs{
		open: "v", closed: ">", bullet: "*", half: "%", ring: "o", dotted: ".", warnSign: "!",
		created: "+", changed: "~", deleted: "-", denied: "x", marked: "#",
		rule: "-", divider: "|", teeDown: "+", teeUp: "+", ellipsis: "~", arrow: ">", bar: ">",
		corners: [4]string{"+", "+", "+", "+"},
		eighths: []string{"#"},
		newer:   "^", resync: "@", block: "=", cross: "x", spark: [8]string{"_", ".", ":", "-", "=", "+", "*", "#"},
		midBranch: "|", lastBranch: "`", partBlock: "-", unseen: "?",
		crossing: "+", head: "<", up: "^", litRule: "=", litTee: "#", litCorner: "#",
	}
)

// stale returns the same styles with everything dim, for what may be old.
func (st *styles) stale() *styles {
	old := *st
	for _, k := range []*ink{&old.text, &old.accent, &old.good, &old.warn, &old.bold, &old.title} {
		*k = old.dim
	}
	return &old
}

// newStyles makes the inks for what the terminal can show: profile comes from
// Bubble Tea (and is ASCII under NO_COLOR), dark from the terminal's background
// or the person's wish.
func newStyles(profile colorprofile.Profile, dark, ascii bool) *styles {
	p := darkPalette
	switch {
	case profile <= colorprofile.ASCII:
		p = monoPalette
	case profile <= colorprofile.ANSI:
		p = ansiPalette
	case !dark:
		p = lightPalette
	}
	st := &styles{glyphs: unicodeGlyphs, mono: profile <= colorprofile.ASCII, palette: p}
	if ascii {
		st.glyphs = asciiGlyphs
	}
	mk := func(fg color.Color, more func(ansi.Style) ansi.Style) ink {
		base := ansi.Style{}
		if fg != nil {
			base = base.ForegroundColor(fg)
		}
		if more != nil {
			base = more(base)
		}
		sel := base
		if p.selectBG != nil {
			sel = sel.BackgroundColor(p.selectBG)
		} else {
			sel = sel.Reverse(true)
		}
		// An empty ansi.Style prints a reset, which is what plain text wants.
		return ink{on: base.String(), onSelected: sel.String()}
	}
	faint := func(s ansi.Style) ansi.Style { return s }
	if st.mono {
		faint = func(s ansi.Style) ansi.Style { return s.Faint() }
	}
	bold := func(s ansi.Style) ansi.Style { return s.Bold() }
	st.text = mk(p.text, nil)
	st.dim = mk(p.dim, faint)
	st.accent = mk(p.accent, nil)
	st.good = mk(p.good, nil)
	st.warn = mk(p.warn, nil)
	st.bad = mk(p.bad, nil)
	st.bold = mk(p.text, bold)
	st.title = mk(p.accent, bold)
	st.strike = mk(p.bad, func(s ansi.Style) ansi.Style { return s.Strikethrough(true) })
	loud := func(s ansi.Style) ansi.Style { return s.Bold().Reverse(true) }
	st.point = mk(p.accent, loud)
	st.danger, st.lit = mk(p.bad, bold), mk(p.warn, bold)
	st.alarm, st.caution = mk(p.bad, loud), mk(p.warn, loud)
	return st
}
