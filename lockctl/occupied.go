package lockctl

import (
	"context"
	"errors"
	"fmt"
)

// maxLook is how many children are read when a directory is looked at: enough to tell
// whose queue it is.
const maxLook = 256

// look lists the directory of the lock, and reads children where their names do not say
// whose they are. One that is missing is empty.
func (k *Locker) look(ctx context.Context) (Directory, error) {
	d := Directory{Path: k.path}
	l, err := k.list(ctx, k.path, false)
	switch {
	case errors.Is(err, ErrGone):
		k.tell(Step{Kind: StepLook, Why: "there is no such directory"})
		return d, nil
	case err != nil:
		return d, err
	}
	d.Stat = l.dir
	if k.o.Slots > 0 { // kazoo's semaphore has its limit there
		if d.Data, _, err = k.value(ctx, k.path); err != nil && !errors.Is(err, ErrDenied) && !errors.Is(err, ErrGone) {
			return d, err
		}
	}
	weak := 0
	for _, name := range l.names {
		d.Children = append(d.Children, Node{Name: name})
		if t := parseName(name); !families[t.family].strong {
			weak++
		}
	}
	if weak > 0 {
		if err := k.read(ctx, &d); err != nil {
			return d, err
		}
	}
	k.tell(Step{Kind: StepLook, Of: len(l.names)})
	return d, nil
}

// read reads some children. Those that have gone meanwhile are left out.
func (k *Locker) read(ctx context.Context, d *Directory) error {
	names := make([]string, 0, min(len(d.Children), maxLook))
	for _, n := range d.Children[:cap(names)] {
		names = append(names, n.Name)
	}
	var nodes []ReadNode
	err := k.persist(ctx, func() (err error) {
		nodes, err = k.s.Read(ctx, d.Path, names)
		return err
	})
	if err != nil {
		return fmt.Errorf("look at what is in %s: %w", clean(d.Path), err)
	}
	kept := make([]Node, 0, len(d.Children))
	for _, n := range nodes {
		if !errors.Is(n.Err, ErrGone) {
			kept = append(kept, n.Node)
		}
	}
	d.Children = append(kept, d.Children[len(names):]...)
	return nil
}

// wouldHold fails with a [*BusyError] if one who came now would have to wait, so that
// trying does not disturb a queue.
func (k *Locker) wouldHold(ctx context.Context, f format, d Directory) error {
	names := make([]string, 0, len(d.Children)+1)
	for _, n := range d.Children {
		names = append(names, n.Name)
	}
	us := fmt.Sprintf("%s%010d", f.prefix(newGUID(), k.s.Status().ID), max(d.Stat.NextSequence(), 0))
	if f.place(append(names, us), us).Holds {
		return nil
	}
	return k.busyError(ctx, f, names)
}

// busyError says who holds the lock, as far as that can be told. Our znode is not listed.
func (k *Locker) busyError(ctx context.Context, f format, names []string) error {
	busy := &BusyError{Path: k.path}
	for _, name := range names {
		switch p := f.place(names, name); {
		case p.Position == 1:
			busy.Node = name
		case p.Position > 0 && !p.Holds:
			busy.Waiting++
		}
		if len(names) > maxLook && busy.Node != "" { // each of them takes a pass
			busy.Waiting = len(names) - 1
			break
		}
	}
	if busy.Node == "" {
		return busy
	}
	nodes, err := k.s.Read(ctx, k.path, []string{busy.Node})
	if err == nil && len(nodes) == 1 && nodes[0].Err == nil {
		n := &nodes[0].Node
		busy.Session, busy.Holder = n.Stat.EphemeralOwner, identity(parseName(n.Name), n)
	}
	return busy
}
