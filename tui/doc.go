// Package tui is zkdeck's screen: one Bubble Tea program that joins the live
// view (zkview) with keys, panes and dialogs.
//
// There is one tea.Model, [model]. Panes are plain structs with imperative
// methods and a render; dialogs are layers of one stack. Nothing in Update or
// View does I/O or depends on the size of the tree: what is slow runs in a
// tea.Cmd and comes back as a message of msgs.go.
package tui
