package zoocfg

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// RenderOptions say what Render writes besides keys and values.
type RenderOptions struct {
	// Explain puts above each key that has no Comment of its own what it means, with the
	// seconds that ticks make.
	Explain bool
	// Header are the comment lines at the top of the file; empty for none.
	Header string
}

// Render writes a zoo.cfg. It needs of an entry only Key and Value; its Comment goes
// above it. Values are escaped so that ZooKeeper reads exactly them, whatever they hold:
// Parse of the text gives the same keys and values in the same order. A line ends in LF.
func Render(entries []Entry, o RenderOptions) []byte {
	var b bytes.Buffer
	if o.Header != "" {
		writeComment(&b, o.Header)
	}
	tick := tickOf(entries)
	last := ""
	for i, e := range entries {
		comment := e.Comment
		if comment == "" && o.Explain {
			comment = explain(e, tick)
			if comment == last { // as that of one server after another
				comment = ""
			} else {
				last = comment
			}
		}
		if comment != "" {
			if i > 0 || o.Header != "" {
				b.WriteByte('\n')
			}
			writeComment(&b, comment)
		}
		b.WriteString(escapeKey(e.Key))
		b.WriteByte('=')
		b.WriteString(escapeValue(e.Value))
		b.WriteByte('\n')
	}
	return b.Bytes()
}

// explain is the comment above an entry that has none of its own.
func explain(e Entry, tick time.Duration) string {
	says := Explanation(trim(e.Key))
	if says == "" {
		return ""
	}
	if span, ok := Span(trim(e.Key), trim(e.Value), tick); ok {
		return says + ". Here: " + span + "."
	}
	return says + "."
}

// tickOf is the tickTime among entries, ZooKeeper's default where it is missing or none.
func tickOf(entries []Entry) time.Duration {
	tick := DefaultTick
	for _, e := range entries {
		if trim(e.Key) == "tickTime" {
			if n, err := parseInt(trim(e.Value)); err == nil && n > 0 {
				tick = time.Duration(n) * time.Millisecond
			}
		}
	}
	return tick
}

// DefaultTick is the tickTime of a zoo.cfg that does not name it.
const DefaultTick = 3 * time.Second

// Span says how long the value of a key is in seconds, as "20 s" for an initLimit of 10
// with a tick of 2 s; false for keys that are no time.
func Span(key, value string, tick time.Duration) (string, bool) {
	n, err := parseInt(value)
	if err != nil || n <= 0 {
		return "", false
	}
	switch key {
	case "initLimit", "syncLimit", "connectToLearnerMasterLimit":
		return seconds(time.Duration(n) * tick), true
	case "tickTime", "minSessionTimeout", "maxSessionTimeout", "cnxTimeout":
		return seconds(time.Duration(n) * time.Millisecond), true
	}
	return "", false
}

// seconds is a time as "0.5 s" or "20 s".
func seconds(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + " s"
}

// commentWidth is how wide comments get, where words allow it.
const commentWidth = 78

// writeComment writes lines of comment, folded at blanks.
func writeComment(b *bytes.Buffer, text string) {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "").Replace(text)
	for line := range strings.SplitSeq(text, "\n") {
		width := 0
		for _, word := range strings.Fields(line) {
			n := utf8.RuneCountInString(word)
			switch {
			case width == 0:
				width = 1
				b.WriteByte('#')
			case width+1+n > commentWidth:
				width = 1
				b.WriteString("\n#")
			}
			_, _ = fmt.Fprintf(b, " %s", word)
			width += 1 + n
		}
		if width == 0 {
			b.WriteByte('#')
		}
		b.WriteByte('\n')
	}
}
