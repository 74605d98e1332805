package lockctl

import (
	"context"
	"fmt"
)

// Writer is what asking for a lock back and breaking one need of a session; [Session]
// has it. Errors are those of Session.
type Writer interface {
	// Get returns value and Stat; watch is never asked for.
	Get(ctx context.Context, path string, watch bool) ([]byte, Stat, error)
	Set(ctx context.Context, path string, data []byte, version int32) (Stat, error)
	Delete(ctx context.Context, path string, version int32) error
	// Sync waits until the server has all that was committed when it was asked.
	Sync(ctx context.Context, path string) error
}

var _ Writer = Session(nil)

// Words that ask a holder to let go, written into its znode.
const (
	curatorRevoke = "__REVOKE__" // Revoker.attemptRevoke
	recipesRevoke = "unlock"     // recipes.mdx, Revocable Shared Locks
)

// RevokeWord is what asks a contender of a recipe to let go, if anybody of that recipe
// listens: Curator's clients that called makeRevocable, those that follow ZooKeeper's
// document, and ours, which tell it as [Lease.Asked]. Of other recipes no client is
// known that reads its own znode again.
func RevokeWord(r Recipe) (word string, ok bool) {
	switch r {
	case CuratorMutex, CuratorRWLock: // no semaphore of Curator's is Revocable
		return curatorRevoke, true
	case RecipesLock, RecipesRWLock:
		return recipesRevoke, true
	}
	return "", false
}

// AskBack writes the revoke word of its recipe into the znode of a contender, as it was
// seen: it fails with [ErrChanged] if that was written to since, with [ErrReplaced] if
// another has its name, and with [ErrGone] if it is gone. Where nobody listens it fails
// without writing. It blocks until the server has answered. Whether the holder heeds the
// word is up to its client; the value that was there is overwritten.
func AskBack(ctx context.Context, w Writer, v Contender) error {
	path := join(v.Dir, v.Node)
	word, ok := RevokeWord(v.Recipe)
	if !ok {
		return fmt.Errorf("ask %s to let go: no client of %s listens; break the lock, or speak to who holds it", clean(path), v.Recipe)
	}
	st, err := seenAgain(ctx, w, path, v.Stat.Czxid)
	if err != nil {
		return fmt.Errorf("ask %s to let go: %w", clean(path), err)
	}
	if st.Version != v.Stat.Version {
		return fmt.Errorf("ask %s to let go: %w: look at it again", clean(path), ErrChanged)
	}
	if _, err := w.Set(ctx, path, []byte(word), st.Version); err != nil {
		return fmt.Errorf("ask %s to let go: %w", clean(path), err)
	}
	return nil
}
