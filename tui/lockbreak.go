package tui

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/lockview"
	"zkdeck/internal/safetext"
	"zkdeck/lockctl"
	"zkdeck/zkview"
)

// lockHands is what the dialogs do to a contender, and what they ask for it. Every call
// but the last two may block until its context ends.
type lockHands interface {
	// Ask asks every server who is connected, which sessions live and what they watch.
	Ask(ctx context.Context) (lockctl.Answers, error)
	// Stat reads the Stat of a znode.
	Stat(ctx context.Context, path string) (lockctl.Stat, error)
	AskBack(ctx context.Context, c lockctl.Contender) error
	Break(ctx context.Context, path string, czxid int64) error
	// Session is our own.
	Session() int64
	// Record keeps what was done, in the operations log and in the log file.
	Record(e lockRecord)
}

// lockRecord is what was done to a contender of a lock, and by whom.
type lockRecord struct {
	at       time.Time
	op       string // "ask back", "break lock"
	path     string
	lock     string
	czxid    int64
	session  int64  // of the contender
	identity string // of the contender
	result   string
	err      error
}

// sessionHands does it by the browsing session: it is a person's act, with the
// identities that this person has presented.
type sessionHands struct {
	sess *zkview.Session
	log  *slog.Logger
}

func (h *sessionHands) Ask(ctx context.Context) (lockctl.Answers, error) {
	return lockview.New(h.sess).Ask(ctx, true)
}

func (h *sessionHands) Stat(ctx context.Context, path string) (lockctl.Stat, error) {
	s, err := h.sess.Stat(ctx, path)
	if err != nil {
		return lockctl.Stat{}, err
	}
	return lockview.Stat(s), nil
}

func (h *sessionHands) AskBack(ctx context.Context, c lockctl.Contender) error {
	return lockctl.AskBack(ctx, lockview.Writer(h.sess), c)
}

func (h *sessionHands) Break(ctx context.Context, path string, czxid int64) error {
	return lockctl.Break(ctx, lockview.Writer(h.sess), path, czxid)
}

func (h *sessionHands) Session() int64 { return h.sess.Status().SessionID }

// Record writes three lines into the operations log, since one has no room for all.
func (h *sessionHands) Record(e lockRecord) {
	by := fmt.Sprintf("%s, session %s", ownIdentity(), zxid(h.Session()))
	identity := e.identity
	if identity == "" {
		identity = "nobody named"
	}
	h.sess.Ops().Note(e.at, e.op, e.path, e.result, e.err)
	h.sess.Ops().Note(e.at, e.op, "", fmt.Sprintf("of %s, session %s, czxid %s", identity, zxid(e.session), zxid(e.czxid)), nil)
	h.sess.Ops().Note(e.at, e.op, "", "by "+by, nil)
	if h.log == nil {
		return
	}
	say := h.log.Info
	if e.err != nil {
		say = h.log.Warn
	}
	args := []any{"lock", e.lock, "znode", e.path, "czxid", zxid(e.czxid), "session", zxid(e.session), "identity", e.identity, "by", by, "result", e.result}
	if e.err != nil {
		args = append(args, "err", e.err)
	}
	say(e.op, args...)
}

// lockAct is what can be done to a contender.
type lockAct uint8

const (
	actAskBack lockAct = iota
	actBreak
)

// lockActMsg asks for the dialog that does something to a contender: of the lock, the
// one whose znode is path, or, if that is the lock's own path, the one that holds it.
type lockActMsg struct {
	act        lockAct
	lock, path string
}

// pressed tells whether a key is one of a binding's, also while that is off.
func pressed(msg tea.KeyPressMsg, b key.Binding) bool {
	return slices.Contains(b.Keys(), msg.String())
}

// lockActKey takes the keys that do something to the contender whose znode is path, or
// to who holds the lock.
func lockActKey(msg tea.KeyPressMsg, k *KeyMap, lock, path string) (tea.Cmd, bool) {
	switch {
	case pressed(msg, k.AskBack):
		return tell(lockActMsg{actAskBack, lock, path}), true
	case pressed(msg, k.BreakLock):
		return tell(lockActMsg{actBreak, lock, path}), true
	}
	return nil, false
}

// lockCommand is :ask and :break; without a path they mean what is selected in front.
func (m *model) lockCommand(act lockAct, arg string) tea.Cmd {
	path := arg
	if path == "" {
		path = m.here()
	}
	v, i := contenderAt(m.locks.snap, path)
	if v == nil {
		m.say(levelWarn, fmt.Sprintf("No lock and no contender is known at %s; %s lists the locks", safetext.Clean(path), m.locksNumber()))
		return nil
	}
	if i >= 0 {
		path = childPath(v.Contenders[i].Dir, v.Contenders[i].Node)
	}
	return m.actOnLock(lockActMsg{act, v.Path, path})
}

// contenderAt is the lock with this path, or the one of which it is a contender, whose
// index is told then; else -1.
func contenderAt(s *lockctl.Snapshot, path string) (*lockctl.View, int) {
	if v := s.At(path); v != nil {
		return v, -1
	}
	dir, name := parentOf(path), lastPart(path)
	for _, v := range s.Locks {
		for i := range v.Contenders {
			if c := &v.Contenders[i]; c.Node == name && c.Dir == dir {
				return v, i
			}
		}
	}
	return nil, -1
}

// actOnLock opens the dialog that was asked for, or says why it does not.
func (m *model) actOnLock(msg lockActMsg) tea.Cmd {
	if !m.mayWrite() {
		return nil
	}
	v := m.locks.snap.At(msg.lock)
	i, why := chooseContender(v, msg.path)
	switch {
	case why != "":
	case guardPath(msg.path) != "":
		why = guardPath(msg.path)
	case m.header.status.State != zkview.Connected:
		why = "Not connected: nothing can be done about the lock"
	case msg.act == actAskBack && waits(v, &v.Contenders[i]):
		why = fmt.Sprintf("It waits, and has nothing to give back; %s removes it from the queue", m.keys.BreakLock.Help().Key)
	}
	if why != "" {
		m.say(levelInfo, why)
		return nil
	}
	if c := m.leases.claimOf(v.Contenders[i].Session); c != nil {
		m.say(levelInfo, "It is your own: here it is released, or the wait for it given up")
		m.openLease(c)
		return nil
	}
	return m.openLockAct(msg.act, v, i)
}

// claimOf is the claim under way that has this session, nil if there is none.
func (d *leaseDesk) claimOf(session int64) *claim {
	for _, c := range d.active() {
		if session != 0 && c.look().session.ID == session {
			return c
		}
	}
	return nil
}

// openLockAct reads the znode, and then opens the dialog.
func (m *model) openLockAct(act lockAct, v *lockctl.View, i int) tea.Cmd {
	c := &v.Contenders[i]
	path, known := childPath(c.Dir, c.Node), c.Stat.Czxid
	hands, life, ours, now := m.lockHands(), m.ctx, m.locks.isOurs, m.now
	live, askKey := func() *lockctl.Snapshot { return m.locks.snap }, m.keys.AskBack.Help().Key
	return m.open(func(ctx context.Context) tea.Msg {
		stat, err := hands.Stat(ctx, path)
		switch {
		case errors.Is(err, zkview.ErrNoNode):
			return notOpenedMsg{flashMsg{levelInfo, "It is gone already: " + safetext.Clean(path)}}
		case err != nil:
			return notOpenedMsg{flashMsg{levelBad, err.Error()}}
		case known != 0 && stat.Czxid != known:
			return notOpenedMsg{flashMsg{levelWarn, "Another znode of this name is there by now; look again: " + safetext.Clean(path)}}
		}
		t := newLockTarget(v, i, stat, ours, live)
		t.askKey = askKey
		return pushDialogMsg{func(id int) (dialog, tea.Cmd) {
			if act == actBreak {
				return newBreakDialog(life, id, hands, t, now)
			}
			return newAskDialog(life, id, hands, t, now)
		}}
	})
}

// lockHands are those of the session.
func (m *model) lockHands() lockHands { return &sessionHands{m.sess, m.opts.Logger} }

// chooseContender is the index of the contender whose znode is path, or, if path is the
// lock's own, of the only one that holds it; or why there is none.
func chooseContender(v *lockctl.View, path string) (int, string) {
	if v == nil {
		return -1, "Nothing is known of this lock yet"
	}
	holder, holders := -1, 0
	for i := range v.Contenders {
		c := &v.Contenders[i]
		if childPath(c.Dir, c.Node) == path {
			return i, ""
		}
		if c.Role == lockctl.Holder {
			holder = i
			holders++
		}
	}
	switch {
	case path != v.Path:
		return -1, "That is no contender of the lock: " + safetext.Clean(path)
	case holders == 1:
		return holder, ""
	case holders > 1:
		return -1, comma(holders) + " hold it: open it, and select one of them"
	case len(v.Contenders) > 0:
		return -1, "Who holds it is not settled: open it, and select a contender"
	}
	return -1, "Nobody holds it"
}
