package wire

import (
	"context"
	"fmt"
)

// The calls below are requests that go-zookeeper does not know. They block and
// fail as Call does. A server that is too old for one answers Unimplemented and
// closes the connection; each says since when it is known.

// AddWatch leaves a watch on path that stays when it has fired (addWatch,
// ZOOKEEPER-1416, servers from 3.6 on); recursive, it tells of the whole subtree:
// created, deleted and changed data with the full path, never of a changed list of
// children. Events come to the library's callback; its own watches know nothing of
// them. The server forgets the watch with the connection, unless setWatches2 is
// sent, which nobody does.
//
// Up to 3.8 a server keeps one mode for each path and session (ZOOKEEPER-4466): a
// read that leaves a one-shot watch on this very path turns this watch into one,
// and the other way round.
func (c *Conn) AddWatch(ctx context.Context, path string, recursive bool) error {
	var e Encoder
	e.Ustring(path)
	mode := int32(0)
	if recursive {
		mode = 1
	}
	e.Int(mode)
	body, _, err := c.Call(ctx, OpAddWatch, e.Bytes())
	if err != nil {
		return err
	}
	d := NewDecoder(body)
	if code := Code(d.Int()); code != 0 { // ErrorResponse
		return code
	}
	return d.Err()
}

// Identity is one of the names by which a server knows a client.
type Identity struct{ Scheme, ID string }

// WhoAmI asks for the identities of the session (ZOOKEEPER-3969, servers from 3.7
// on).
func (c *Conn) WhoAmI(ctx context.Context) ([]Identity, error) {
	body, _, err := c.Call(ctx, OpWhoAmI, nil)
	if err != nil {
		return nil, err
	}
	return decodeIdentities(body)
}

func decodeIdentities(body []byte) ([]Identity, error) {
	d := NewDecoder(body)
	ids := make([]Identity, d.Vector(8))
	for i := range ids {
		ids[i] = Identity{d.Ustring(), d.Ustring()}
	}
	if d.Err() != nil {
		return nil, d.Err()
	}
	return ids, nil
}

// Ephemerals lists the paths of this session's ephemerals that begin with prefix
// (getEphemerals, ZOOKEEPER-3209, servers from 3.6 on), in no order.
func (c *Conn) Ephemerals(ctx context.Context, prefix string) (Names, error) {
	var e Encoder
	e.Ustring(prefix)
	body, _, err := c.Call(ctx, OpGetEphemerals, e.Bytes())
	if err != nil {
		return Names{}, err
	}
	d := NewDecoder(body)
	names := d.Names()
	return names, d.Err()
}

// AllChildrenNumber counts the znodes below path (getAllChildrenNumber,
// ZOOKEEPER-3167, servers from 3.6 on). The server looks at every path it has, in
// all its threads: not a request to repeat.
func (c *Conn) AllChildrenNumber(ctx context.Context, path string) (int, error) {
	var e Encoder
	e.Ustring(path)
	body, _, err := c.Call(ctx, OpGetAllChildrenNumber, e.Bytes())
	if err != nil {
		return 0, err
	}
	d := NewDecoder(body)
	n := d.Int()
	if d.Err() == nil && n < 0 {
		return 0, fmt.Errorf("%w: %d znodes", ErrMalformed, n)
	}
	return int(n), d.Err()
}

// ACL is one entry of an access control list.
type ACL struct {
	Perms      int32
	Scheme, ID string
}
