package zkview

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"zkdeck/zkview/wire"

	"github.com/go-zookeeper/zk"
)

func TestReasons(t *testing.T) {
	pipe := &net.OpError{Op: "write", Net: "tcp", Err: os.NewSyscallError("write", syscall.EPIPE)}
	for _, c := range []struct{ from, to error }{
		{zk.ErrNoNode, ErrNoNode},
		{zk.ErrNoAuth, ErrNoAuth},
		{zk.ErrNotEmpty, ErrNotEmpty},
		{zk.ErrNoServer, ErrNotSent},
		{zk.ErrConnectionClosed, ErrUnknownOutcome},
		{zk.ErrSessionExpired, ErrSessionExpired},
		{zk.ErrSessionExpired, ErrUnknownOutcome},
		{zk.ErrShortBuffer, ErrTooBig},
		{errors.New("unknown error: -125"), ErrQuotaExceeded},
		{errors.New("unknown error: -119"), ErrNotReadOnly},
		{errors.New("unknown error: -127"), ErrThrottled},
		{errors.New("unknown error: -6"), ErrUnimplemented},
		{wire.QuotaExceeded, ErrQuotaExceeded},
		{fmt.Errorf("x: %w", wire.AuthFailed), ErrAuthFailed},
		{fmt.Errorf("x: %w", wire.ErrNotSent), ErrNotSent},
		{fmt.Errorf("x: %w", wire.ErrNoReply), ErrUnknownOutcome},
		{pipe, ErrUnknownOutcome},
		{io.EOF, ErrUnknownOutcome},
		{errors.New("whatever the connection died of"), ErrUnknownOutcome},
	} {
		if got := reason(c.from); !errors.Is(got, c.to) {
			t.Errorf("reason(%v) = %v, want %v", c.from, got, c.to)
		}
	}
	if got := reason(pipe).Error(); !strings.HasSuffix(got, "(broken pipe)") {
		t.Errorf("reason(EPIPE) = %q", got)
	}
	if got := reason(errors.New("unknown error: -99")).Error(); !strings.Contains(got, "-99") {
		t.Errorf("an unknown code became %q", got)
	}
	if reason(nil) != nil || codeError(0) != nil {
		t.Error("success became an error")
	}
}

func TestSecretsStayOutOfText(t *testing.T) {
	a := Auth{"digest", []byte("me:hunter2")}
	for _, f := range []string{"%v", "%+v", "%s", "%#v"} {
		if s := fmt.Sprintf(f, a); strings.Contains(s, "hunter2") || strings.Contains(s, "104") {
			t.Errorf("%s prints %s", f, s)
		}
		if s := fmt.Sprintf(f, Config{Auth: []Auth{a}}); strings.Contains(s, "hunter2") || strings.Contains(s, "104, 117") {
			t.Errorf("%s prints %s", f, s)
		}
	}
}
