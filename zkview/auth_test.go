package zkview

import (
	"errors"
	"strings"
	"testing"

	"zkdeck/internal/zktest"
)

func TestRejectedIdentity(t *testing.T) {
	ctx := testCtx(t)
	s := openTest(t, Config{Servers: zktest.Shared(t) + zktest.Root(t), Auth: []Auth{
		{"no-such-scheme", []byte("x")}, {"digest", []byte("me:secret")},
	}})
	connected(t, s)
	if st := s.Status(); st.Auth != "the server rejected the no-such-scheme identity" {
		t.Errorf("Auth = %q", st.Auth)
	}
	must(s.Create(ctx, "/mine", nil, CreateOptions{ACL: []ACL{{PermAll, "auth", ""}}}))
	err := s.AddAuth(ctx, "no-such-scheme", []byte("y"))
	wantErr(t, err, ErrAuthFailed)
	if _, err := s.Set(ctx, "/mine", nil, 0); err != nil {
		t.Errorf("after the rejection: %v", err)
	}
	// An identity added later is there on the next connection too.
	other := openTest(t, Config{Servers: s.servers.String()})
	_, err = other.Set(ctx, "/mine", nil, 1)
	wantErr(t, err, ErrNoAuth)
	if err := other.AddAuth(ctx, "digest", []byte("me:secret")); err != nil {
		t.Fatal(err)
	}
	must(other.Set(ctx, "/mine", nil, 1))
	other.mu.Lock()
	conn := other.link.wire
	other.mu.Unlock()
	conn.Kill(errors.New("a test"))
	eventually(t, "reconnected", func() bool { return other.Status().Generation == 2 })
	must(other.Set(ctx, "/mine", nil, 2))
	for _, e := range other.Ops().Since(0) {
		if strings.Contains(e.Path, "secret") || strings.Contains(e.Result, "secret") {
			t.Errorf("the log has %+v", e)
		}
	}
}
