package tui

import (
	"fmt"
	"strings"
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
	opsOpWidth   = 11
	opsZxidWidth = 14
	opsTookWidth = 8
)

// newOpsDialog shows the operations log, the newest at the bottom. source is asked
// at every drawing.
func newOpsDialog(_ int, source func() []opsRow) dialog {
	words := safetext.Pad("time", opsTimeWidth) + " " + safetext.Pad("op", opsOpWidth) + " " +
		strings.Repeat(" ", opsTookWidth-4) + "took " + safetext.Pad("zxid", opsZxidWidth) + " path, result"
	return newLogDialog("Operations", "nothing was sent yet", words, func() []logRow {
		rows := source()
		out := make([]logRow, len(rows))
		for i := range rows {
			out[i] = rows[i].logRow()
		}
		return out
	})
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
		fixed := opsTimeWidth + opsOpWidth + opsTookWidth + opsZxidWidth + 4
		head := []span{
			{st.dim, r.At.Format("15:04:05.000") + " "},
			{st.accent, safetext.Pad(safetext.CleanLine(r.Op), opsOpWidth) + " "},
		}
		if width >= 80 {
			head = append(head, span{st.text, safetext.PadLeft(took(r.Took), opsTookWidth) + " "},
				span{st.dim, safetext.Pad(zxid, opsZxidWidth) + " "})
		} else {
			fixed = opsTimeWidth + opsOpWidth + 2
		}
		room := max(width-fixed-min(safetext.Width(result), 24)-2, 8)
		return append(head, span{st.text, safetext.TruncateMiddle(safetext.Clean(r.Path), room) + "  "}, span{k, result})
	}}
}

// took is a duration in at most eight cells.
func took(d time.Duration) string {
	switch {
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
	return newLogDialog("Messages", "nothing was said yet", "", func() []logRow {
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
