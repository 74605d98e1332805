package zkview

import (
	"context"
	"errors"
	"fmt"
	"time"

	"zkdeck/zkview/wire"
)

// Entered is what [Single.Enter] did.
type Entered struct {
	Path  string // of the new znode
	Stat  Stat   // and its Stat
	Names []string
	Dir   Stat  // of the directory, of the same reply as Names
	Err   error // why the directory was not listed
}

// Enter creates an ephemeral sequential znode, whose path begins with prefix, and
// lists the directory that it is in, without waiting in between. The listing has the
// new znode unless somebody deleted it meanwhile. acl is everyone everything if empty.
// The error is of the creation; if it is nil, that was done, whatever became of the
// listing.
//
// A server before 3.5, or of a version that is not known (yet), does not tell the Stat
// of what it creates, so that it takes another request. If that fails, the error
// matches ErrUnknownOutcome.
func (o *Single) Enter(ctx context.Context, prefix string, data []byte, acl []ACL) (Entered, error) {
	n, err := o.creation(prefix, data, CreateOptions{Kind: Ephemeral, Sequential: true, ACL: acl})
	if err != nil {
		return Entered{}, &OpError{"create", prefix, err}
	}
	dir := o.s.servers.abs(parentOf(prefix))
	return singleCall(ctx, o, "create", prefix, true, func(t ticket) (Entered, error) {
		n.NoStat = !o.tellsStat()
		in, err := t.wire.Enter(ctx, n, dir)
		if err != nil {
			return Entered{}, o.notCreated(t, err)
		}
		if n.NoStat {
			if in.Stat, err = o.stat(ctx, t, in.Path); err != nil {
				return Entered{}, err
			}
		}
		entered := Entered{Path: o.s.servers.rel(in.Path), Stat: Stat(in.Stat)}
		if in.Err == nil {
			entered.Names, entered.Dir = in.Names.Strings(), Stat(in.Dir)
		} else {
			entered.Err = &OpError{"getChildren", parentOf(prefix), reasonIn(ctx, in.Err)}
		}
		return entered, nil
	})
}

// Create creates a znode, other than one with a TTL, and returns its path and Stat. On
// a server before 3.5 it makes a persistent one of a container. See Enter for servers
// that do not tell the Stat.
func (o *Single) Create(ctx context.Context, path string, data []byte, c CreateOptions) (string, Stat, error) {
	n, err := o.creation(path, data, c)
	if err != nil {
		return "", Stat{}, &OpError{"create", path, err}
	}
	made, err := singleCall(ctx, o, "create", path, true, func(t ticket) (Entered, error) {
		n.NoStat = !o.tellsStat()
		if c.Kind == Container {
			_, err := o.s.featured(ctx, t.link, featureCreate2)
			if err != nil && !errors.Is(err, ErrUnimplemented) {
				return Entered{}, err
			}
			n.Flags, n.NoStat = flagsOf(c.Kind), err != nil
			if n.NoStat {
				n.Flags = flagsOf(Persistent)
			}
		}
		created, stat, err := t.wire.Create(ctx, n)
		if err != nil {
			return Entered{}, o.notCreated(t, err)
		}
		if n.NoStat {
			if stat, err = o.stat(ctx, t, created); err != nil {
				return Entered{}, err
			}
		}
		return Entered{Path: o.s.servers.rel(created), Stat: Stat(stat)}, nil
	})
	return made.Path, made.Stat, err
}

// creation is the request to create a znode, or why there is none.
func (o *Single) creation(path string, data []byte, c CreateOptions) (wire.Creation, error) {
	flags, err := createFlags(c)
	if err == nil && c.Kind == TTL {
		err = fmt.Errorf("%w: no TTL znodes here", ErrBadArguments)
	}
	if err == nil {
		err = checkCreate(path, c.Sequential)
	}
	if len(c.ACL) == 0 {
		c.ACL = OpenACL()
	}
	if err == nil {
		err = o.s.mayWrite(writing{op: "create", path: path, size: len(path) + len(data) + aclSize(c.ACL) + 40})
	}
	if err != nil {
		return wire.Creation{}, err
	}
	n := wire.Creation{Path: o.s.servers.abs(path), Data: data, Flags: flags, ACL: make([]wire.ACL, len(c.ACL))}
	if path == "/" && c.Sequential {
		n.Path = o.s.servers.Chroot + "/" // a child of it, not its brother
	}
	for i, a := range c.ACL {
		n.ACL[i] = wire.ACL{Perms: int32(a.Perms), Scheme: a.Scheme, ID: a.ID}
	}
	return n, nil
}

// flagsOf are the flags of a kind that is not sequential.
func flagsOf(k Kind) int32 {
	flags, _ := createFlags(CreateOptions{Kind: k}) // which all kinds but TTL have
	return flags
}

// tellsStat reports whether the server is known to tell the Stat of what it creates.
func (o *Single) tellsStat() bool {
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	return o.s.has(featureCreate2)
}

// notCreated is an error of a creation. A server that does not know the request closes
// the connection; the next try makes do with less.
func (o *Single) notCreated(t ticket, err error) error {
	if !errors.Is(err, wire.Unimplemented) {
		return err
	}
	o.s.mu.Lock()
	version := o.s.status.Version
	o.s.mu.Unlock()
	o.s.learn(server{t.wire, version}, featureCreate2, err)
	return fmt.Errorf("%w: %s", ErrNotSent, err.Error()) // it must not count as an answer
}

// stat asks for the Stat of a znode that was just created.
func (o *Single) stat(ctx context.Context, t ticket, path string) (wire.Stat, error) {
	stat, err := t.wire.Exists(ctx, path)
	switch {
	case err == nil:
		return stat, nil
	case ctx.Err() != nil:
		return stat, fmt.Errorf("%w: it was created, but its Stat was not read (%w)", ErrUnknownOutcome, context.Cause(ctx))
	default:
		// What this request failed with must not count as an answer to the other.
		return stat, fmt.Errorf("%w: it was created, but its Stat cannot be read: %s", ErrUnknownOutcome, reason(err).Error())
	}
}

// Children lists the names of the children of a znode, in no order. With watch, the
// next change of the list, or the deletion of the znode, is told once.
func (o *Single) Children(ctx context.Context, path string, watch bool) ([]string, Stat, error) {
	r, err := singleRead(ctx, o, "getChildren", path, watch, func(conn *wire.Conn, abs string) (withStat[[]string], error) {
		names, stat, err := conn.Children(ctx, abs, watch)
		if err != nil {
			return withStat[[]string]{}, err
		}
		return withStat[[]string]{names.Strings(), Stat(stat)}, nil
	})
	return r.value, r.stat, err
}

// Get reads value and Stat of a znode; the caller owns the value. With watch, its next
// change or deletion is told once; where the read fails no watch is left.
func (o *Single) Get(ctx context.Context, path string, watch bool) ([]byte, Stat, error) {
	r, err := singleRead(ctx, o, "getData", path, watch, func(conn *wire.Conn, abs string) (withStat[[]byte], error) {
		data, stat, err := conn.GetData(ctx, abs, watch)
		return withStat[[]byte]{data, Stat(stat)}, err
	})
	return r.value, r.stat, err
}

// Set replaces the value of a znode whose version is the given one (-1: any), and
// returns its new Stat.
func (o *Single) Set(ctx context.Context, path string, data []byte, version int32) (Stat, error) {
	err := o.s.mayWrite(writing{op: "setData", path: path, size: len(path) + len(data) + 20})
	if err != nil {
		return Stat{}, &OpError{"setData", path, err}
	}
	return singleCall(ctx, o, "setData", path, true, func(t ticket) (Stat, error) {
		stat, err := t.wire.Set(ctx, o.s.servers.abs(path), data, version)
		return Stat(stat), err
	})
}

// Delete deletes a znode whose version is the given one (-1: any) and that has no
// children.
func (o *Single) Delete(ctx context.Context, path string, version int32) error {
	err := o.s.mayWrite(writing{op: "delete", path: path, size: len(path) + 16})
	if err != nil {
		return &OpError{"delete", path, err}
	}
	_, err = singleCall(ctx, o, "delete", path, true, func(t ticket) (struct{}, error) {
		return struct{}{}, t.wire.Delete(ctx, o.s.servers.abs(path), version)
	})
	return err
}

// Sync makes the server that we are on catch up with the leader.
func (o *Single) Sync(ctx context.Context, path string) error {
	_, err := singleRead(ctx, o, "sync", path, false, func(conn *wire.Conn, abs string) (struct{}, error) {
		return struct{}{}, conn.Sync(ctx, abs)
	})
	return err
}

// ReadMany reads Stat and value of many znodes: see [Session.ReadMany].
func (o *Single) ReadMany(ctx context.Context, paths []string, keep int) ([]Znode, error) {
	return o.s.ReadMany(ctx, paths, keep)
}

// singleRead makes a read, and notes that its watch is wanted before it is sent.
func singleRead[T any](
	ctx context.Context, o *Single, op, path string, watch bool, f func(*wire.Conn, string) (T, error),
) (T, error) {
	if err := CheckPath(path); err != nil {
		var none T
		return none, &OpError{op, path, err}
	}
	abs := o.s.servers.abs(path)
	return singleCall(ctx, o, op, path, false, func(t ticket) (T, error) {
		if watch {
			o.s.single.want(abs)
		}
		value, err := f(t.wire, abs)
		if watch && err != nil {
			o.unwatch(abs, t.wire, !isCode(err))
		}
		return value, err
	})
}

// singleCall makes one request, again where nothing was done, or can be of a read.
func singleCall[T any](
	ctx context.Context, o *Single, op, path string, writes bool, f func(ticket) (T, error),
) (T, error) {
	var none T
	after := uint64(0)
	for try := 1; ; try++ {
		t, err := o.s.ready(ctx, after, anyEpoch)
		if err != nil {
			return none, &OpError{op, path, err}
		}
		after = t.generation
		if t.wire == nil {
			continue // it has just been lost
		}
		value, err := f(t)
		if err == nil {
			return value, nil
		}
		if errors.Is(err, wire.SessionExpired) {
			o.s.inbox.put(disowned{t.link})
			return none, &OpError{op, path, ErrSessionOver}
		}
		err = reasonIn(ctx, err)
		switch {
		case errors.Is(err, ErrUnknownOutcome) && o.over():
			return none, &OpError{op, path, fmt.Errorf("%w: %w", ErrSessionOver, err)}
		case ctx.Err() == nil && mayRepeat(err, writes) && try < readTries:
		default:
			return none, &OpError{op, path, err}
		}
	}
}

// mayRepeat reports whether a request that failed can be sent once more.
func mayRepeat(err error, writes bool) bool {
	return lost(err) && (!writes || !errors.Is(err, ErrUnknownOutcome))
}

func (o *Single) over() bool {
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	return o.s.over
}

// reasonIn is reason for a call with a context, whose end it wraps.
func reasonIn(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, ErrUnknownOutcome):
		return err
	case ctx.Err() == nil, isCode(err):
		return reason(err)
	case errors.Is(err, wire.ErrNotSent), errors.Is(err, ErrNotSent):
		return fmt.Errorf("%w (%w)", ErrNotSent, context.Cause(ctx))
	default:
		return fmt.Errorf("%w (%w)", ErrUnknownOutcome, context.Cause(ctx))
	}
}

// isCode reports whether an error is a server's answer.
func isCode(err error) bool {
	var code wire.Code
	return errors.As(err, &code)
}

// Unwatch tells that somebody who has had a watch left on path does not want it any
// more. It does not block. When nobody does, the server is told to forget the watches,
// if it can (from 3.5 on). As others may have come to want them unknown to us, they
// are told DataChanged, upon which they look and leave a watch again.
func (o *Single) Unwatch(path string) {
	o.s.mu.Lock()
	conn := o.s.link.wire
	o.s.mu.Unlock()
	o.unwatch(o.s.servers.abs(path), conn, true)
}

func (o *Single) unwatch(abs string, conn *wire.Conn, drop bool) {
	o.s.mu.Lock()
	drop = drop && conn != nil && o.s.open && o.s.link.wire == conn && o.s.has(featureRemoveWatches)
	o.s.mu.Unlock()
	s := o.s.single
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.wanted[abs]
	if n > 1 {
		s.wanted[abs] = n - 1
		return
	}
	delete(s.wanted, abs)
	if n == 1 && drop && conn.DropWatches(abs) == nil { // in the order in which want is called
		s.tell(Event{Kind: DataChanged, Path: o.s.servers.rel(abs), At: time.Now()})
	}
}

// want notes that one more wants the watches on a path.
func (o *single) want(abs string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.wanted[abs]++
}
