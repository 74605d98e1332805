package lockctl

import (
	"context"
	"errors"
	"fmt"
)

// ErrReplaced is what [Break] and [AskBack] fail with where another znode has the name
// of the one that was shown.
var ErrReplaced = errors.New("another znode has this name now")

// breakTries is how often a znode that is written to all the time is looked at again.
const breakTries = 10

// Break deletes somebody's contender, if it is still the one with that czxid: names come
// back when a directory was deleted and made anew, and who holds then is somebody else.
// It fails with [ErrGone] where there is none, with [ErrReplaced] where there is another,
// and with [ErrUnknown] where no answer came; then it may be called again. It blocks
// until the servers have answered.
//
// The czxid is compared on a server that has all that was committed, and what is deleted
// has the version that was seen with it. For another to be hit, the contender would have
// to go by itself, its directory be deleted and made anew, and the name be given again,
// all between the last two requests; no request of ZooKeeper's deletes by czxid.
func Break(ctx context.Context, w Writer, path string, czxid int64) error {
	var err error
	for range breakTries {
		var st Stat
		if st, err = seenAgain(ctx, w, path, czxid); err != nil {
			break
		}
		if err = w.Delete(ctx, path, st.Version); !errors.Is(err, ErrChanged) {
			break // else somebody wrote into it, as a revoke word: it may be the same still
		}
	}
	if err != nil {
		return fmt.Errorf("break %s: %w", clean(path), err)
	}
	return nil
}

// seenAgain is the Stat of a znode that has this czxid.
func seenAgain(ctx context.Context, w Writer, path string, czxid int64) (Stat, error) {
	if err := w.Sync(ctx, path); err != nil {
		return Stat{}, err
	}
	_, st, err := w.Get(ctx, path, false)
	switch {
	case err != nil:
		return Stat{}, err
	case st.Czxid != czxid:
		return Stat{}, fmt.Errorf("%w: it was made by %#x, the one shown by %#x; look again", ErrReplaced, st.Czxid, czxid)
	}
	return st, nil
}
