package demo

import (
	"errors"
	"time"

	"zkdeck/zkview/sandbox"
	"zkdeck/zkview/wire"
)

// While the server is not serving, or only reads, an actor waits as a client does
// that seeks a server: its session lives on. The methods of a visit are those of its
// client with that patience.

func (v *visit) patiently(request func() error) error {
	for {
		err := request()
		if !errors.Is(err, wire.ConnectionLoss) && !errors.Is(err, wire.NotReadOnly) {
			return err
		}
		// Neither has changed anything: the request may be made again.
		if err := v.wait(span{beat, 2 * beat}); err != nil {
			return err
		}
	}
}

func (v *visit) Create(path string, data []byte, mode sandbox.CreateMode) (made string, err error) {
	err = v.patiently(func() error { made, err = v.client.Create(path, data, mode); return err })
	return made, err
}

func (v *visit) CreateTTL(path string, data []byte, ttl time.Duration) (made string, err error) {
	err = v.patiently(func() error { made, err = v.client.CreateTTL(path, data, ttl); return err })
	return made, err
}

func (v *visit) Delete(path string, version int32) error {
	return v.patiently(func() error { return v.client.Delete(path, version) })
}

func (v *visit) Set(path string, data []byte, version int32) error {
	return v.patiently(func() error { _, err := v.client.Set(path, data, version); return err })
}

func (v *visit) Get(path string, watch func()) (data []byte, st wire.Stat, err error) {
	err = v.patiently(func() error { data, st, err = v.client.Get(path, watch); return err })
	return data, st, err
}

func (v *visit) Exists(path string, watch func()) (st wire.Stat, there bool, err error) {
	err = v.patiently(func() error { st, there, err = v.client.Exists(path, watch); return err })
	return st, there, err
}

func (v *visit) Children(path string, watch func()) (names []string, err error) {
	err = v.patiently(func() error { names, err = v.client.Children(path, watch); return err })
	return names, err
}
