package tui

import "charm.land/bubbles/v2/key"

// dialogKeyMap names the keys within dialogs, where letters are text.
type dialogKeyMap struct {
	Next, Prev, Accept, Cancel, Save, Toggle                        key.Binding
	Left, Right, Up, Down, PageUp, PageDown, Top, Bottom            key.Binding
	Home, End, WordLeft, WordRight, Backspace, Delete               key.Binding
	KillWord, KillRight, KillLeft                                   key.Binding
	ScrollUp, ScrollDown, ListTop, ListBottom, Search, Close, Leave key.Binding
}

// defaultDialogKeyMap returns the keys of all dialogs.
func defaultDialogKeyMap() dialogKeyMap {
	b := func(help, desc string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(help, desc))
	}
	return dialogKeyMap{
		Next:       b("tab", "next", "tab"),
		Prev:       b("shift-tab", "previous", "shift+tab"),
		Accept:     b("enter", "choose", "enter"),
		Cancel:     b("esc", "cancel", "esc"),
		Save:       b("ctrl-s", "save", "ctrl+s"),
		Toggle:     b("space", "on or off", "space"),
		Left:       b("←", "left", "left"),
		Right:      b("→", "right", "right"),
		Up:         b("↑", "up", "up"),
		Down:       b("↓", "down", "down"),
		PageUp:     b("pgup", "a screen up", "pgup"),
		PageDown:   b("pgdn", "a screen down", "pgdown"),
		Top:        b("ctrl-home", "to the start", "ctrl+home"),
		Bottom:     b("ctrl-end", "to the end", "ctrl+end"),
		Home:       b("home", "start of the line", "home", "ctrl+a"),
		End:        b("end", "end of the line", "end", "ctrl+e"),
		WordLeft:   b("alt-←", "a word left", "alt+left", "ctrl+left", "alt+b"),
		WordRight:  b("alt-→", "a word right", "alt+right", "ctrl+right", "alt+f"),
		Backspace:  b("backspace", "delete to the left", "backspace", "ctrl+h"),
		Delete:     b("del", "delete to the right", "delete"),
		KillWord:   b("ctrl-w", "delete a word", "ctrl+w", "alt+backspace"),
		KillRight:  b("ctrl-k", "delete to the end of the line", "ctrl+k"),
		KillLeft:   b("ctrl-u", "delete to the start of the line", "ctrl+u"),
		ScrollUp:   b("↑ k", "up", "up", "k"),
		ScrollDown: b("↓ j", "down", "down", "j"),
		ListTop:    b("g", "to the top", "g", "home"),
		ListBottom: b("G", "to the bottom, and follow", "G", "end"),
		Search:     b("/", "filter", "/"),
		Close:      b("esc", "close", "esc", "q"),
		Leave:      b("esc ?", "close", "esc", "?", "f1"),
	}
}

// dkeys are the keys of dialogs; they are never changed.
var dkeys = defaultDialogKeyMap()

// group is what the help says of dialogs.
func (k *dialogKeyMap) group() keyGroup {
	return keyGroup{"In dialogs", []key.Binding{
		k.Next, k.Prev, k.Accept, k.Cancel, k.Save, k.Toggle, k.Search, k.WordLeft, k.WordRight, k.KillWord, k.KillRight, k.KillLeft,
		k.Top, k.Bottom,
	}}
}

// named is binding b with another word for what it does here.
func named(b key.Binding, desc string) key.Binding {
	b.SetHelp(b.Help().Key, desc)
	return b
}
