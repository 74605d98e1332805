package cli

import (
	"encoding/base64"
	"fmt"
	"time"
	"unicode/utf8"

	"zkdeck/internal/safetext"
	"zkdeck/tui/value"
	"zkdeck/zkview"
)

const (
	// watchHeld is how many lines wait at most for one before them whose znode is still
	// being read.
	watchHeld = 10_000
	// watchValue is how many bytes of a value a line of text shows.
	watchValue = 1000
)

// watchLines prints Actions in order, each when all is known of it.
type watchLines struct {
	j       *job
	o       watchFlags
	next    uint64          // the Seq of the first that waits, or would
	waiting []zkview.Action // from there on, without a gap
	reread  []zkview.Action // Resyncs, once more: what reading again has found
	printed int
}

// add takes in Actions; one that is told again takes the place of the earlier one.
func (w *watchLines) add(actions []zkview.Action) {
	for _, x := range actions {
		if len(w.waiting) == 0 {
			w.next = max(w.next, x.Seq)
		}
		if x.Kind == zkview.Resync && x.Settled {
			w.reread = append(w.reread, x)
		}
		switch i := int(x.Seq - w.next); {
		case x.Seq < w.next: // is printed
		case i < len(w.waiting):
			w.waiting[i] = x
		default:
			w.waiting = append(w.waiting, x)
		}
	}
}

// print prints what is ready, and reports whether that was all that was asked for.
func (w *watchLines) print() (done bool, err error) {
	for len(w.waiting) > 0 {
		x := &w.waiting[0]
		if !x.Settled && x.Kind != zkview.Resync && len(w.waiting) <= watchHeld {
			break
		}
		if x.Lost > 0 {
			if err := w.lost(x); err != nil {
				return false, err
			}
		}
		if err := w.line(x); err != nil {
			return false, err
		}
		if x.Kind != zkview.Resync {
			w.printed++
		}
		w.waiting = w.waiting[1:]
		w.next++
		if w.printed == w.o.count && w.o.count > 0 {
			return true, nil
		}
	}
	for len(w.reread) > 0 && w.reread[0].Seq < w.next {
		if err := w.found(&w.reread[0]); err != nil {
			return false, err
		}
		w.reread = w.reread[1:]
	}
	return false, nil
}

// watchJSON is a change for programs. The values of which there is none are left out.
type watchJSON struct {
	At      string  `json:"at"`
	Kind    string  `json:"kind"`
	Path    string  `json:"path,omitempty"`
	Missed  bool    `json:"missed,omitempty"`
	Size    *int32  `json:"size,omitempty"`
	Version *int32  `json:"version,omitempty"`
	Owner   string  `json:"owner,omitempty"`
	Mzxid   string  `json:"mzxid,omitempty"`
	Text    *string `json:"text,omitempty"`
	Base64  *string `json:"base64,omitempty"`
	Cut     bool    `json:"cut,omitempty"`
	Since   string  `json:"since,omitempty"`
	Count   int     `json:"count,omitempty"`
	Note    string  `json:"note,omitempty"`
	Error   string  `json:"error,omitempty"`
}

// watchKind is what happened, in a word.
func watchKind(k zkview.EventKind) string {
	if k == zkview.DataChanged {
		return "changed"
	}
	return k.String()
}

// line prints a change, or that some may be missed.
func (w *watchLines) line(x *zkview.Action) error {
	if w.o.json {
		return w.j.line(w.json(x))
	}
	head := fmt.Sprintf("%s %-7s %s", x.At.Format("15:04:05.000"), watchKind(x.Kind), w.j.name(x.Path))
	switch {
	case x.Kind == zkview.Resync:
		head += "  no connection since " + x.Since.Format("15:04:05.000") + ": changes since then may be missing; all is being read again"
	case x.HasStat:
		head += fmt.Sprintf("  %s v%d", value.Size(int64(x.Stat.DataLength)), x.Stat.Version)
		if x.Stat.Kind() == zkview.Ephemeral {
			head += " " + hex(x.Stat.EphemeralOwner)
		}
	}
	if x.Missed {
		head += "  missed"
	}
	if x.Err != nil {
		head += "  (" + safetext.CleanLine(x.Err.Error()) + ")"
	}
	if w.o.values && x.HasData {
		head += "  " + shortValue(x.Data)
	}
	_, err := w.j.out.WriteString(head + "\n")
	return err
}

// shortValue is the beginning of a value, on one line.
func shortValue(data []byte) string {
	if len(data) <= watchValue {
		return safetext.CleanLine(string(data))
	}
	end := watchValue
	for end > watchValue-utf8.UTFMax && !utf8.RuneStart(data[end]) {
		end--
	}
	return safetext.CleanLine(string(data[:end])) + "…"
}

func (w *watchLines) json(x *zkview.Action) watchJSON {
	v := watchJSON{At: x.At.Format(time.RFC3339Nano), Kind: watchKind(x.Kind), Path: x.Path, Missed: x.Missed}
	if x.Kind == zkview.Resync {
		v.Since = x.Since.Format(time.RFC3339Nano)
	}
	if x.HasStat {
		v.Size, v.Version, v.Mzxid = &x.Stat.DataLength, &x.Stat.Version, hex(x.Stat.Mzxid)
		if x.Stat.Kind() == zkview.Ephemeral {
			v.Owner = hex(x.Stat.EphemeralOwner)
		}
	}
	if w.o.values && x.HasData {
		text := string(x.Data)
		v.Cut = x.Cut
		if utf8.ValidString(text) {
			v.Text = &text
		} else {
			text = base64.StdEncoding.EncodeToString(x.Data)
			v.Base64 = &text
		}
	}
	if x.Err != nil {
		v.Error = x.Err.Error()
	}
	return v
}

// lost prints that changes before x were dropped.
func (w *watchLines) lost(x *zkview.Action) error {
	if w.o.json {
		return w.j.line(watchJSON{At: x.At.Format(time.RFC3339Nano), Kind: "lost", Count: x.Lost})
	}
	_, err := fmt.Fprintf(w.j.out, "%s lost    %d changes: they came faster than they were read\n", x.At.Format("15:04:05.000"), x.Lost)
	return err
}

// found prints what reading again has found.
func (w *watchLines) found(x *zkview.Action) error {
	if w.o.json {
		return w.j.line(watchJSON{At: time.Now().Format(time.RFC3339Nano), Kind: "reread", Path: x.Path, Note: x.Note})
	}
	_, err := fmt.Fprintf(w.j.out, "%s reread  %s  %s\n", time.Now().Format("15:04:05.000"), w.j.name(x.Path), safetext.CleanLine(x.Note))
	return err
}
