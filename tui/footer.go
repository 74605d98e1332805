package tui

import (
	"charm.land/bubbles/v2/key"

	"zkdeck/internal/safetext"
)

// footerKeys is the most that the footer shows; the rest is in the help.
const footerKeys = 8

// hint is a key with the few words that the footer has for it.
type hint struct {
	key  key.Binding
	word string
}

// footerLine draws the keys that do something here and now. The last hint, the
// help, is kept longest when it is narrow.
func footerLine(st *styles, width int, hints []hint, right []span) string {
	var on []hint
	for _, h := range hints {
		if h.key.Enabled() {
			on = append(on, h)
		}
	}
	if len(on) > footerKeys {
		on = append(on[:footerKeys-1], on[len(on)-1])
	}
	for {
		left := []span{{st.text, " "}}
		for i, h := range on {
			switch { // a key without a word shares the next one's
			case i > 0 && on[i-1].word == "":
				left = append(left, span{st.text, " "})
			case i > 0:
				left = append(left, span{st.text, "  "})
			}
			left = append(left, span{st.accent, h.key.Help().Key})
			if h.word != "" {
				left = append(left, span{st.dim, " " + h.word})
			}
		}
		if len(on) <= 1 || spansWidth(left)+spansWidth(right)+1 <= width {
			return st.line(width, false, left, right)
		}
		if len(on) == 2 {
			on = on[1:]
			continue
		}
		on = append(on[:len(on)-2], on[len(on)-1])
	}
}

// keyHints turns the keys of a dialog into hints.
func keyHints(keys []key.Binding) []hint {
	out := make([]hint, 0, len(keys))
	for _, k := range keys {
		out = append(out, hint{k, safetext.Truncate(k.Help().Desc, 24)})
	}
	return out
}
