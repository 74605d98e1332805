package demo

import (
	"errors"

	"zkdeck/zkview/sandbox"
	"zkdeck/zkview/wire"
)

// race is one ephemeral znode that many want: whoever creates it leads, the others
// watch it.
type race struct {
	path  string
	data  func() []byte
	gone  *signal
	leads bool
	won   func() error // called when this session begins to lead
}

// run looks who leads, and tries to lead where nobody does.
func (r *race) run(v *visit) error {
	st, there, err := v.Exists(r.path, r.gone.arm())
	if err != nil {
		return err
	}
	if there {
		r.leads = st.EphemeralOwner == v.client.Session()
		return nil
	}
	_, err = v.put(r.path, r.data(), sandbox.Ephemeral, sandbox.Persistent)
	switch {
	case errors.Is(err, wire.NodeExists): // another was faster
		r.leads = false
		return nil
	case err != nil:
		return err
	}
	r.leads = true
	return r.won()
}
