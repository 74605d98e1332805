package screentest

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/vt"
)

// sequences are what an xterm sends for the keys that have names. Escape is sent
// in the form that says by itself that nothing follows (CSI u, of the Kitty
// keyboard protocol): a lone 0x1b is told from the start of a sequence by a pause
// alone, and a test that pauses is slow or flaky.
var sequences = map[string]string{
	"enter": "\r", "tab": "\t", "shift+tab": "\x1b[Z", "space": " ",
	"backspace": "\x7f", "esc": "\x1b[27u",
	"up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D",
	"home": "\x1b[H", "end": "\x1b[F", "insert": "\x1b[2~", "delete": "\x1b[3~",
	"pgup": "\x1b[5~", "pgdown": "\x1b[6~",
	"f1": "\x1bOP", "f2": "\x1bOQ", "f3": "\x1bOR", "f4": "\x1bOS", "f5": "\x1b[15~",
	"f6": "\x1b[17~", "f7": "\x1b[18~", "f8": "\x1b[19~", "f9": "\x1b[20~",
	"f10": "\x1b[21~", "f11": "\x1b[23~", "f12": "\x1b[24~",
}

// Type sends keys to the program and returns without waiting for an effect. Each
// is the name of a key as Bubble Tea spells it ("enter", "esc", "up", "pgdown",
// "shift+tab", "ctrl+o", "alt+x", …); anything else is text, typed as it is. To
// type a word that is the name of a key, type its letters one by one.
func (t *Term) Type(keys ...string) {
	t.t.Helper()
	for _, key := range keys {
		t.SendBytes(keyBytes(key))
	}
}

// SendBytes sends raw bytes to the program's input, as a terminal would.
func (t *Term) SendBytes(s string) {
	t.t.Helper()
	if t.program == nil {
		t.t.Fatal("no program was started in this terminal")
	}
	if _, err := io.WriteString(t.emu.InputPipe(), s); err != nil {
		t.t.Fatalf("typing %q: %v", s, err)
	}
}

// keyBytes is what a terminal sends for a key or a text.
func keyBytes(key string) string {
	if seq, ok := sequences[key]; ok {
		return seq
	}
	if rest, ok := strings.CutPrefix(key, "alt+"); ok && rest != "" {
		return "\x1b" + keyBytes(rest)
	}
	rest, ok := strings.CutPrefix(key, "ctrl+")
	if !ok {
		return key
	}
	if rest == "space" {
		return "\x00"
	}
	if len(rest) == 1 && (rest[0] >= 'a' && rest[0] <= 'z' || strings.ContainsAny(rest, `[\]^_`)) {
		return string(rest[0] & 0x1f)
	}
	if c, size := utf8.DecodeRuneInString(rest); size == len(rest) && size > 0 {
		return fmt.Sprintf("\x1b[%d;5u", c)
	}
	return key
}

// Paste sends text as a paste: bracketed where the program asked for that.
func (t *Term) Paste(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.emu.Paste(text)
}

// Click presses and releases the left mouse button on a cell. A program that has
// not asked for the mouse gets nothing.
func (t *Term) Click(x, y int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.emu.SendMouse(vt.MouseClick{X: x, Y: y, Button: vt.MouseLeft})
	t.emu.SendMouse(vt.MouseRelease{X: x, Y: y, Button: vt.MouseLeft})
}

// Wheel turns the mouse wheel by one notch over a cell: up, or down. A program
// that has not asked for the mouse gets nothing.
func (t *Term) Wheel(x, y int, up bool) {
	button := vt.MouseWheelDown
	if up {
		button = vt.MouseWheelUp
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.emu.SendMouse(vt.MouseWheel{X: x, Y: y, Button: button})
}
