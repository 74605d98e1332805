package demo

import (
	"errors"
	"fmt"
	"time"

	"zkdeck/zkview/sandbox"
	"zkdeck/zkview/wire"
)

const cartsDir = "/shop/carts"

// shopCast are customers whose carts are TTL znodes: one that nobody changes for a
// while expires by itself.
func shopCast() []part {
	var all []part
	for i := range 3 {
		all = append(all, part{
			host: fmt.Sprintf("web-%02d", i+1), ip: fmt.Sprintf("10.80.1.%d", 11+i),
			enters: span{0, 20}, rests: span{50, 110}, work: shop,
		})
	}
	return all
}

// shop fills a cart, and then buys it or leaves it to expire.
func shop(v *visit) error {
	path := cartsDir + "/cart-" + hex32(v.rng)[:8]
	cart := func(items int) []byte {
		return fmt.Appendf(nil, `{"customer":%d,"items":%d,"total":"%d.90 EUR"}`, 1000+v.rng.IntN(9000), items, 12*items)
	}
	ttl := max(v.seconds(45), time.Millisecond)
	_, err := v.CreateTTL(path, cart(1), ttl)
	if errors.Is(err, wire.NoNode) {
		if err = v.makeParents(path, sandbox.Persistent); err == nil {
			_, err = v.CreateTTL(path, cart(1), ttl)
		}
	}
	if err != nil {
		return err
	}
	for items, last := 2, 2+v.rng.IntN(2); items <= last; items++ {
		if err := v.wait(span{8, 20}); err != nil {
			return err
		}
		if err := v.Set(path, cart(items), -1); err != nil {
			return passing(err)
		}
	}
	if err := v.wait(span{8, 20}); err != nil || v.chance(50) {
		return err
	}
	return v.drop(path)
}
