package zkview

import (
	"errors"
	"testing"
	"time"

	"zkdeck/internal/zktest"
)

// A write whose answer is lost.
func TestLostAnswer(t *testing.T) {
	ctx := testCtx(t)
	root := zktest.Root(t)
	direct := openTest(t, Config{Servers: zktest.Shared(t) + root})
	must(direct.Create(ctx, "/a", []byte("old"), CreateOptions{}))
	must(direct.Create(ctx, "/b", nil, CreateOptions{}))
	must(direct.Create(ctx, "/c", nil, CreateOptions{}))
	for name, c := range map[string]struct {
		write func(s *Session) error
		done  func() bool
		want  error
	}{
		"guarded set": {
			func(s *Session) error { _, err := s.Set(ctx, "/a", []byte("new"), 0); return err },
			func() bool { d, _, _ := direct.Get(ctx, "/a"); return string(d) == "new" }, nil,
		},
		"guarded delete": {
			func(s *Session) error { return s.Delete(ctx, "/b", 0) },
			func() bool { _, err := direct.Stat(ctx, "/b"); return errors.Is(err, ErrNoNode) }, nil,
		},
		"guarded multi": {
			func(s *Session) error { return s.DeleteMany(ctx, []PathVersion{{"/c", 0}}) },
			func() bool { _, err := direct.Stat(ctx, "/c"); return errors.Is(err, ErrNoNode) }, nil,
		},
		"create": {
			func(s *Session) error { _, err := s.Create(ctx, "/d", nil, CreateOptions{}); return err },
			func() bool { _, err := direct.Stat(ctx, "/d"); return err == nil }, ErrUnknownOutcome,
		},
	} {
		t.Run(name, func(t *testing.T) {
			proxy := zktest.NewProxy(t, zktest.Shared(t))
			s := openTest(t, Config{Servers: proxy.Addr() + root, Timeout: 20 * time.Second})
			connected(t, s)
			proxy.StallAnswers()
			got := make(chan error, 1)
			go func() { got <- c.write(s) }()
			eventually(t, "carried out", c.done)
			proxy.Heal() // closes what was stalled
			if err := <-got; !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

// A request that is lost on its way: nothing was done, but nobody can know.
func TestLostRequest(t *testing.T) {
	ctx := testCtx(t)
	root := zktest.Root(t)
	direct := openTest(t, Config{Servers: zktest.Shared(t) + root})
	for name, c := range map[string]struct {
		version int32
		other   string // what somebody else writes meanwhile
		want    error
		data    string
	}{
		"guarded":             {version: 0, data: "mine"},
		"guarded, overtaken":  {version: 0, other: "theirs", want: ErrBadVersion, data: "theirs"},
		"not guarded":         {version: -1, want: ErrUnknownOutcome, data: "old"},
		"guarded, but wrong":  {version: 5, want: ErrUnknownOutcome, data: "old"},
		"overtaken by a copy": {version: 0, other: "mine", data: "mine"},
	} {
		t.Run(name, func(t *testing.T) {
			path := must(direct.Create(ctx, "/n-", []byte("old"), CreateOptions{Sequential: true}))
			proxy := zktest.NewProxy(t, zktest.Shared(t))
			s := openTest(t, Config{Servers: proxy.Addr() + root, Timeout: 20 * time.Second})
			connected(t, s)
			eventually(t, "mode", func() bool { return s.Status().Mode != "" })
			proxy.Stall()
			sent := s.Status().BytesOut
			got := make(chan error, 1)
			go func() { _, err := s.Set(ctx, path, []byte("mine"), c.version); got <- err }()
			eventually(t, "sent", func() bool { return s.Status().BytesOut > sent+12 }) // more than a ping
			if c.other != "" {
				must(direct.Set(ctx, path, []byte(c.other), 0))
			}
			proxy.Heal() // closes what was stalled
			if err := <-got; !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			data, _, err := direct.Get(ctx, path)
			if err != nil || string(data) != c.data {
				t.Errorf("data %q, %v; want %q", data, err, c.data)
			}
		})
	}
}

func TestReadIsSentAgain(t *testing.T) {
	ctx := testCtx(t)
	proxy := zktest.NewProxy(t, zktest.Shared(t))
	s := openTest(t, Config{Servers: proxy.Addr(), Timeout: 20 * time.Second})
	connected(t, s)
	eventually(t, "mode", func() bool { return s.Status().Mode != "" })
	proxy.Stall()
	sent := s.Status().BytesOut
	got := make(chan error, 2)
	go func() { _, err := s.Stat(ctx, "/"); got <- err }()
	go func() { _, _, err := s.WatchChildren(ctx, "/"); got <- err }()
	eventually(t, "sent", func() bool { return s.Status().BytesOut > sent+30 })
	proxy.Heal()
	for range 2 {
		if err := <-got; err != nil {
			t.Error(err)
		}
	}
	if n := s.Status().Watches; n != 1 {
		t.Errorf("%d watches, want 1", n)
	}
}
