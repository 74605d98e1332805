package cli

import (
	"fmt"
	"strings"
	"time"

	"zkdeck/config/ensemble/distro"
	"zkdeck/internal/safetext"
	"zkdeck/tui/value"
)

// How often progress is told: on a terminal, and where each line stays.
const (
	downloadRedraw = 100 * time.Millisecond
	downloadLine   = 10 * time.Second
)

// downloadProgress tells how far a download is: in one line that changes on a
// terminal, else in a line for each step and, of a slow one, every ten seconds.
type downloadProgress struct {
	*job
	version string

	step string
	// began is when the step began, with from bytes there already; told is when it was
	// told last.
	began, told time.Time
	from        int64
}

func (p *downloadProgress) tell(at distro.Progress) {
	now := time.Now()
	first := at.Step != p.step
	if first {
		p.step, p.began, p.from = at.Step, now, at.Done
	}
	every := downloadLine
	if p.overwrites {
		every = downloadRedraw
	}
	if !first && now.Sub(p.told) < every {
		return
	}
	p.told = now
	if p.overwrites {
		p.overwrite(p.bar(at) + p.words(at, now))
		return
	}
	fmt.Fprintln(p.errs, "zkdeck: "+p.words(at, now))
}

// words are what is done, with what, and how far.
func (p *downloadProgress) words(at distro.Progress, now time.Time) string {
	from := safetext.CleanLine(at.From)
	what := "ZooKeeper"
	if p.version != "" {
		what += " " + p.version
	}
	switch at.Step {
	case "wait":
		return "waiting for another zkdeck that is downloading"
	case "checksum":
		return "asking " + from + " for the checksum of " + what
	case "verify":
		return "checking " + from
	case "unpack":
		return "unpacking " + from
	}
	text := "downloading " + what + " from " + from + ": " + value.Size(at.Done)
	if at.Total > 0 {
		text += " of " + value.Size(at.Total)
	}
	if took := now.Sub(p.began); took >= time.Second {
		text += fmt.Sprintf(", %s/s", value.Size(int64(float64(at.Done-p.from)/took.Seconds())))
	}
	return text
}

// bar is how much of a step is done, "" where that is not known.
func (p *downloadProgress) bar(at distro.Progress) string {
	const width = 20
	if at.Total <= 0 {
		return ""
	}
	done := min(max(at.Done, 0), at.Total)
	full := int(done * width / at.Total)
	return fmt.Sprintf("[%s%s] %3d %%  ", strings.Repeat("#", full), strings.Repeat(".", width-full), done*100/at.Total)
}
