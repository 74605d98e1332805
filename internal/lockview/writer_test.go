package lockview_test

import (
	"testing"

	"zkdeck/internal/lockview"
	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
	"zkdeck/zkview"
)

func TestWriter(t *testing.T) {
	ctx := patient(t)
	addr := zktest.SharedReal(t)
	root := zktest.RootOn(t, addr)
	conn := zktest.Connect(t, addr)
	s, err := zkview.Open(zkview.Config{Servers: addr + root})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	node := create(t, conn, root+"/n", "1", plain)
	w := lockview.Writer(s)
	wants(t, "Sync", w.Sync(ctx, "/n"), nil)
	data, stat, err := w.Get(ctx, "/n", false)
	if err != nil || string(data) != "1" || stat.Czxid == 0 {
		t.Fatalf("Get = %q, %+v, %v", data, stat, err)
	}
	if stat, err = w.Set(ctx, "/n", []byte("2"), stat.Version); err != nil || stat.Version != 1 {
		t.Fatalf("Set = %+v, %v", stat, err)
	}
	_, err = w.Set(ctx, "/n", nil, 0)
	wants(t, "Set", err, lockctl.ErrChanged)
	wants(t, "Delete", w.Delete(ctx, "/n", 0), lockctl.ErrChanged)
	wants(t, "Delete", w.Delete(ctx, "/n", 1), nil)
	wants(t, "Delete", w.Delete(ctx, "/n", 1), lockctl.ErrGone)
	if there, _, err := conn.Exists(node); there || err != nil {
		t.Errorf("it is there: %v, %v", there, err)
	}
	readOnly, err := zkview.Open(zkview.Config{Servers: addr, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer readOnly.Close()
	wants(t, "Delete", lockview.Writer(readOnly).Delete(ctx, root, -1), lockctl.ErrReadOnly)
	wants(t, "Close", s.Close(), nil)
	_, _, err = w.Get(ctx, "/n", true)
	wants(t, "Get", err, lockctl.ErrEnded)
}
