package tui

import (
	"fmt"
	"time"

	"zkdeck/internal/safetext"
)

// opsRow is one request that we sent, in ZooKeeper's own terms.
type opsRow struct {
	At     time.Time
	Op     string // "getData", "setData", "multi" …
	Path   string
	Result string // "ok", or the error
	Failed bool
	Zxid   int64 // zero when the reply had none
	Took   time.Duration
}

// The widths of the columns of the operations log; path and result share the rest.
const (
	opsTimeWidth = 12
	opsOpWidth   = 15
	opsZxidWidth = 14
	opsTookWidth = 8
)

// newOpsDialog shows the operations log, the newest at the bottom. source is asked
// at every drawing.
func newOpsDialog(_ int, source func() []opsRow) dialog {
	return newLogDialog("Operations", "nothing was sent yet", opsHead, func() []logRow {
		rows := source()
		out := make([]logRow, len(rows))
		for i := range rows {
			out[i] = rows[i].logRow()
		}
		return out
	})
}

// opsColumns tells which columns a width has room for besides operation, path and
// result.
func opsColumns(width int) (at, details bool) { return width >= 56, width >= 90 }

// opsHead are the headings of the columns.
func opsHead(width int) string {
	at, details := opsColumns(width)
	head := ""
	if at {
		head = safetext.Pad("time", opsTimeWidth) + " "
	}
	head += safetext.Pad("operation", opsOpWidth) + " "
	if details {
		head += safetext.PadLeft("took", opsTookWidth) + " " + safetext.Pad("zxid", opsZxidWidth) + " "
	}
	return head + "path, result"
}

// logRow is how the request is drawn and found.
func (r *opsRow) logRow() logRow {
	return logRow{r.Op + " " + r.Path + " " + r.Result, func(st *styles, width int) []span {
		zxid, k := "", st.dim
		if r.Zxid != 0 {
			zxid = fmt.Sprintf("0x%x", uint64(r.Zxid))
		}
		if r.Failed {
			k = st.bad
		}
		result := safetext.CleanLine(r.Result)
		at, details := opsColumns(width)
		var head []span
		if at {
			head = append(head, span{st.dim, r.At.Format("15:04:05.000") + " "})
		}
		head = append(head, span{st.accent, safetext.Pad(safetext.CleanLine(r.Op), opsOpWidth) + " "})
		if details {
			head = append(head, span{st.text, safetext.PadLeft(took(r.Took), opsTookWidth) + " "},
				span{st.dim, safetext.Pad(zxid, opsZxidWidth) + " "})
		}
		left := width - spansWidth(head) - 2
		room := max(left-min(safetext.Width(result), left/2), 1)
		return append(head, span{st.text, safetext.TruncateMiddle(safetext.Clean(r.Path), room) + "  "}, span{k, result})
	}}
}

// took is a duration in at most eight cells.
func took(d time.Duration) string {
	switch {
	case d == 0: // it was no request
		return ""
	case d < time.Millisecond:
		return fmt.Sprintf("%d µs", d.Microseconds())
	case d < time.Second:
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	default:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
}

// newMessagesDialog shows what was said on the message line, the newest at the
// bottom. source is asked at every drawing.
func newMessagesDialog(_ int, source func() []message) dialog {
	return newLogDialog("Messages", "nothing was said yet", nil, func() []logRow {
		said := source()
		out := make([]logRow, len(said))
		for i := range said {
			m := said[i]
			out[i] = logRow{m.text, func(st *styles, _ int) []span {
				return []span{{st.dim, m.at.Format("15:04:05") + "  "}, {m.level.ink(st), safetext.CleanLine(m.text)}}
			}}
		}
		return out
	})
}
