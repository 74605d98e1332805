package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"zkdeck/internal/safetext"
)

// A blank at the end of what is being typed is a blank, not an escape as at the end
// of a name, and the cursor stands behind it.
func TestTypedBlanksStayBlanks(t *testing.T) {
	bar := newCommandBar(nil)
	bar.open("sort ")
	row, cursor := bar.render(testStyles(), 80)
	if got := ansi.Strip(row); !strings.HasPrefix(got, " :sort ") || strings.Contains(got, `\x20`) || cursor.X != len(" :sort ") {
		t.Errorf("the command bar shows %q with the cursor at %d", got, cursor.X)
	}
	line := newFilterLine()
	line.input.SetValue("a ")
	line.open()
	row, cursor = line.render(testStyles(), 80, "1 row")
	if got := ansi.Strip(row); strings.Contains(got, `\x20`) || cursor.X != len(" /a ") {
		t.Errorf("the filter shows %q with the cursor at %d", got, cursor.X)
	}
}

// A message that names a hostile path, which was made safe already, shows it as the
// tree does: its escapes are not escaped again.
func TestMessagesEscapeOnce(t *testing.T) {
	const hostile = "/a\u202eb\x1b[31m"
	var said messages
	now := time.Now()
	said.say(levelInfo, "Deleted "+safetext.Clean(hostile), now)
	msg, _ := said.current(now)
	if want := "Deleted " + safetext.Clean(hostile); msg.text != want {
		t.Errorf("said %q, want %q", msg.text, want)
	}
	said.say(levelInfo, "Deleted "+hostile, now)
	if msg, _ = said.current(now); strings.ContainsAny(msg.text, "\x1b\u202e") {
		t.Errorf("said %q, which is not safe", msg.text)
	}
}
