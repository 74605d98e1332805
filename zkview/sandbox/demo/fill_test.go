package demo

import (
	"context"
	"encoding/json"
	"errors"
	"path"
	"strings"
	"testing"
	"time"

	"zkdeck/zkview/wire"
)

func TestFill(t *testing.T) {
	s, c := start(t)
	if err := Fill(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if err := c.Auth("digest", User+":"+Password); err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	walk(t, c, "/", func(p string, data []byte, st wire.Stat) {
		count["/"+strings.SplitN(p, "/", 3)[1]]++
		if st.EphemeralOwner != 0 {
			t.Errorf("%s is ephemeral: its session should be an actor's", p)
		}
		if strings.HasSuffix(p, ".json") && !json.Valid(data) {
			t.Errorf("%s is not JSON: %s", p, data)
		}
	})
	total := 0
	for top, n := range count {
		if top != "/archive" && top != "/zookeeper" {
			total += n
		}
	}
	t.Logf("%d znodes and the archive: %v", total, count)
	if total < 300 || total > 600 {
		t.Errorf("%d znodes beside the archive, want 300 to 600", total)
	}
	if count["/archive"] != archived+2 {
		t.Errorf("%d znodes in the archive, want %d", count["/archive"], archived+2)
	}
	if n := len(cast()); n < 55 || n > 69 {
		t.Errorf("the welcome tells of sixty programs, there are %d", n)
	}
	for _, line := range strings.Split(welcome, "\n") {
		if len(line) > 72 {
			t.Errorf("the welcome has a line of %d characters: %s", len(line), line)
		}
		if dir, _, ok := strings.Cut(strings.TrimPrefix(line, "  "), " "); ok && strings.HasPrefix(dir, "/") {
			if _, there, err := c.Exists(dir, nil); !there {
				t.Errorf("the welcome tells of %s, which is not there: %v", dir, err)
			}
		}
	}
}

// What exists already stays, so that a sandbox may be filled twice.
func TestFillTwice(t *testing.T) {
	s, c := start(t)
	for range 2 {
		if err := Fill(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{flagsPath, Welcome} {
			if data, _, err := c.Get(path, nil); len(data) == 0 || err != nil {
				t.Fatalf("%s: %q, %v", path, data, err)
			}
			if _, err := c.Set(path, []byte("mine"), -1); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, path := range []string{flagsPath, Welcome} {
		if data, _, err := c.Get(path, nil); string(data) != "mine" {
			t.Fatalf("%s: %q, %v", path, data, err)
		}
	}
}

func TestFillCancelled(t *testing.T) {
	s, _ := start(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Fill(ctx, s); !errors.Is(err, context.Canceled) {
		t.Fatalf("%v, want that it was cancelled", err)
	}
	if _, err := Live(ctx, s, Options{}); !errors.Is(err, context.Canceled) {
		t.Fatalf("%v, want that it was cancelled", err)
	}
}

func TestVault(t *testing.T) {
	s, c := start(t)
	if err := Fill(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	const secret = "/vault/payments/password"
	if names, err := c.Children("/vault", nil); len(names) != 2 {
		t.Fatalf("a newcomer sees %v, %v", names, err)
	}
	if _, err := c.Children("/vault/payments", nil); !errors.Is(err, wire.NoAuth) {
		t.Fatalf("a newcomer lists the vault: %v", err)
	}
	if _, _, err := c.Get(secret, nil); !errors.Is(err, wire.NoAuth) {
		t.Fatalf("a newcomer reads the vault: %v", err)
	}
	if err := c.Auth("digest", User+":"+Password); err != nil {
		t.Fatal(err)
	}
	if data, _, err := c.Get(secret, nil); len(data) == 0 {
		t.Fatalf("the keeper reads %q, %v", data, err)
	}
}

// An edit finds its place in the sample, or nobody would see one.
func TestEdits(t *testing.T) {
	s, c := start(t)
	if err := Fill(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	v := &visit{actor: &actor{rng: newRand(1)}, client: c, ctx: t.Context()}
	for _, e := range edits {
		before, _, err := c.Get(e.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := v.rewrite(e); err != nil {
			t.Fatal(err)
		}
		if after, _, _ := c.Get(e.path, nil); string(after) == string(before) {
			t.Errorf("%s: %s changes nothing", e.path, e.place)
		} else if path.Ext(e.path) == ".json" && !json.Valid(after) {
			t.Errorf("%s is no JSON any more: %s", e.path, after)
		}
	}
	if err := v.rewrite(edit{"/gone", "(x)", nil}); err != nil {
		t.Errorf("what is gone: %v", err)
	}
}

func TestBackOff(t *testing.T) {
	a := &actor{life: &Life{options: Options{Pace: time.Second}}, rng: newRand(1)}
	for failures := 1; failures < 100; failures++ {
		if d := a.backOff(failures); d < time.Second || d > maxBackOff*time.Second {
			t.Fatalf("after %d failures %v", failures, d)
		}
	}
}
