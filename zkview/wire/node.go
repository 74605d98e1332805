package wire

import (
	"context"
	"fmt"
)

// The calls below are requests that go-zookeeper knows too. Made here they do without
// its queue, end with a context, and leave watches that it knows nothing of: those go
// with the connection. They block and fail as Call does.

// GetData reads value and Stat of a znode. With watch, the server tells once of its
// change or deletion; where the read fails no watch is left.
func (c *Conn) GetData(ctx context.Context, path string, watch bool) ([]byte, Stat, error) {
	body, _, err := c.Call(ctx, OpGetData, pathWatch(path, watch))
	if err != nil {
		return nil, Stat{}, err
	}
	d := NewDecoder(body)
	data, stat := d.Buffer(), d.Stat()
	return data, stat, d.Err()
}

// Exists reads the Stat of a znode, and leaves no watch.
func (c *Conn) Exists(ctx context.Context, path string) (Stat, error) {
	return c.forStat(ctx, OpExists, pathWatch(path, false))
}

// Children reads the names of a znode's children and its Stat (getChildren2). With
// watch, the server tells once of a change of the list or of the znode's deletion;
// where the read fails no watch is left.
func (c *Conn) Children(ctx context.Context, path string, watch bool) (Names, Stat, error) {
	body, _, err := c.Call(ctx, OpGetChildren2, pathWatch(path, watch))
	if err != nil {
		return Names{}, Stat{}, err
	}
	return decodeChildren(body)
}

func decodeChildren(body []byte) (Names, Stat, error) {
	d := NewDecoder(body)
	names, stat := d.Names(), d.Stat()
	return names, stat, d.Err()
}

// Set replaces the value of a znode of the given version (-1: any) and returns its
// new Stat.
func (c *Conn) Set(ctx context.Context, path string, data []byte, version int32) (Stat, error) {
	var e Encoder
	e.Ustring(path)
	e.Buffer(data)
	e.Int(version)
	return c.forStat(ctx, OpSetData, e.Bytes())
}

// Delete deletes a znode of the given version (-1: any).
func (c *Conn) Delete(ctx context.Context, path string, version int32) error {
	var e Encoder
	e.Ustring(path)
	e.Int(version)
	_, _, err := c.Call(ctx, OpDelete, e.Bytes())
	return err
}

// Sync waits until the server has what was committed when the leader was asked.
func (c *Conn) Sync(ctx context.Context, path string) error {
	var e Encoder
	e.Ustring(path)
	_, _, err := c.Call(ctx, OpSync, e.Bytes())
	return err
}

// forStat makes a request that is answered by a Stat.
func (c *Conn) forStat(ctx context.Context, op OpCode, request []byte) (Stat, error) {
	body, _, err := c.Call(ctx, op, request)
	if err != nil {
		return Stat{}, err
	}
	d := NewDecoder(body)
	stat := d.Stat()
	return stat, d.Err()
}

// pathWatch is the record of the reads.
func pathWatch(path string, watch bool) []byte {
	var e Encoder
	e.Ustring(path)
	e.Bool(watch)
	return e.Bytes()
}

// DropWatches has the server forget this session's one-shot watches on path that the
// calls above have left (removeWatches, servers from 3.5 on). It does not block: the
// request has its place before whatever is asked for afterwards, and nobody waits for
// the answer.
func (c *Conn) DropWatches(path string) error {
	var e Encoder
	e.Ustring(path)
	e.Int(int32(AnyWatch))
	r, err := newRequest(OpRemoveWatches, e.Bytes(), callState{gone: true})
	if err != nil {
		return err
	}
	return c.enqueue(context.Background(), r)
}

// Creation is a znode to be created. Flags are those of
// org.apache.zookeeper.CreateMode: 1 ephemeral, 2 sequential, 3 both, 4 container.
type Creation struct {
	Path  string
	Data  []byte
	ACL   []ACL
	Flags int32
	// NoStat is for servers before 3.5, which do not tell the new znode's Stat and have
	// no containers.
	NoStat bool
}

// flagContainer is CreateMode.CONTAINER.
const flagContainer = 4

func (n *Creation) op() (OpCode, error) {
	switch {
	case n.Flags == flagContainer && !n.NoStat:
		return OpCreateContainer, nil
	case n.Flags < 0 || n.Flags > 3:
		return 0, fmt.Errorf("%w: no way to create a znode with flags %d", ErrNotSent, n.Flags)
	case n.NoStat:
		return OpCreate, nil
	default:
		return OpCreate2, nil
	}
}

func (n *Creation) encode() []byte {
	e := Encoder{buf: make([]byte, 0, len(n.Path)+len(n.Data)+64)}
	e.Ustring(n.Path)
	e.Buffer(n.Data)
	e.Int(int32(len(n.ACL)))
	for _, a := range n.ACL {
		e.Int(a.Perms)
		e.Ustring(a.Scheme)
		e.Ustring(a.ID)
	}
	e.Int(n.Flags)
	return e.Bytes()
}

func (n *Creation) decode(body []byte) (path string, stat Stat, err error) {
	d := NewDecoder(body)
	path = d.Ustring()
	if !n.NoStat {
		stat = d.Stat()
	}
	return path, stat, d.Err()
}

// Create creates a znode and returns its path, which a sequential one gets from the
// server, and its Stat unless that is not told.
func (c *Conn) Create(ctx context.Context, n Creation) (string, Stat, error) {
	op, err := n.op()
	if err != nil {
		return "", Stat{}, err
	}
	body, _, err := c.Call(ctx, op, n.encode())
	if err != nil {
		return "", Stat{}, err
	}
	return n.decode(body)
}

// Entered is the answer to [Conn.Enter].
type Entered struct {
	Path  string // of the new znode
	Stat  Stat   // and its Stat, unless that is not told
	Names Names
	Dir   Stat  // of the directory, of the same reply as Names
	Err   error // why the directory was not listed
}

// Enter creates a znode and lists dir. Both requests are sent at once, in this order,
// in which the server also answers them (FinalRequestProcessor keeps the order of a
// session), so that it costs the wait for one; a znode created in dir is in the list.
// The error is of the creation: if it is nil, that was done, whatever became of the
// listing.
func (c *Conn) Enter(ctx context.Context, n Creation, dir string) (Entered, error) {
	op, err := n.op()
	if err != nil {
		return Entered{}, err
	}
	create, err := newRequest(op, n.encode(), callState{})
	if err != nil {
		return Entered{}, err
	}
	list, err := newRequest(OpGetChildren2, pathWatch(dir, false), callState{})
	if err != nil {
		return Entered{}, err
	}
	if err := c.enqueue(ctx, create, list); err != nil {
		return Entered{}, err
	}
	body, _, err := c.await(ctx, create)
	if err != nil {
		_, _, _ = c.abandon(list, err)
		return Entered{}, err
	}
	var in Entered
	if in.Path, in.Stat, err = n.decode(body); err != nil {
		_, _, _ = c.abandon(list, err)
		return Entered{}, err
	}
	if body, _, in.Err = c.await(ctx, list); in.Err == nil {
		in.Names, in.Dir, in.Err = decodeChildren(body)
	}
	return in, nil
}
