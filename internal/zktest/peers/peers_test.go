package peers_test

import (
	"testing"

	"zkdeck/internal/zktest"
	"zkdeck/internal/zktest/peers"
	"zkdeck/internal/zktest/seed"
)

func TestMain(m *testing.M) { zktest.Main(m) }

func TestPeersFindAll(t *testing.T) {
	addr, root := zktest.Shared(t), zktest.Root(t)
	conn := zktest.Connect(t, addr)
	if err := seed.Deep(t.Context(), conn, root, 7, 8, 9); err != nil {
		t.Fatal(err)
	}
	const all = 1 + 7 + 56 + 504
	if n, err := peers.MultiRead(addr, root, 20); n != all || err != nil {
		t.Errorf("MultiRead: %d znodes of %d, %v", n, all, err)
	}
	if n, err := peers.OneByOne(conn, root, 30); n != all || err != nil {
		t.Errorf("OneByOne: %d znodes of %d, %v", n, all, err)
	}
	if _, err := peers.MultiRead(addr, root+"/none", 20); err == nil {
		t.Error("MultiRead found what is not there")
	}
	if _, err := peers.OneByOne(conn, root+"/none", 30); err == nil {
		t.Error("OneByOne found what is not there")
	}
}
