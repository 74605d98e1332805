package lockview

import (
	"context"
	"time"

	"zkdeck/lockctl"
	"zkdeck/zkview"
)

// following tells of changes as lockctl has them. What was dropped because nobody took
// it in time becomes a Missed, as a lost connection does.
type following struct {
	*zkview.Follow
	last time.Time // of the last change that was handed out; changes up to it were told
}

// Next waits for changes and returns all that wait.
func (f *following) Next(ctx context.Context) ([]lockctl.Change, error) {
	for {
		changes, err := f.Follow.Next(ctx)
		if err != nil {
			return nil, translate(err)
		}
		if told := f.convert(changes); len(told) > 0 {
			return told, nil
		}
	}
}

func (f *following) convert(changes []zkview.Change) []lockctl.Change {
	told := make([]lockctl.Change, 0, len(changes)+1)
	for i, c := range changes {
		if c.Lost > 0 && c.Kind != zkview.Resync {
			told = append(told, lockctl.Change{Kind: lockctl.Missed, Path: f.Path(), At: c.At, Since: f.last, Lost: c.Lost})
		}
		n := lockctl.Change{Path: c.Path, At: c.At}
		switch c.Kind {
		case zkview.Created:
			n.Kind = lockctl.Created
		case zkview.Deleted:
			n.Kind = lockctl.Deleted
		case zkview.DataChanged:
			n.Kind = lockctl.Written
		case zkview.Resync:
			n.Kind, n.Since, n.Lost = lockctl.Missed, c.Since, c.Lost
			if c.Lost == 0 {
				break
			}
			if f.last.Before(n.Since) {
				n.Since = f.last
			}
			if i+1 < len(changes) { // it was among what was dropped
				n.At = changes[i+1].At
			}
		default:
			continue
		}
		f.last = n.At
		told = append(told, n)
	}
	return told
}
