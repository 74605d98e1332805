package zkview

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// adminAnswers are as ZooKeeper 3.8's JsonOutputter prints them, shortened.
var adminAnswers = map[string]string{
	"configuration": `{
  "client_port" : 2181, "data_dir" : "/var/lib/zookeeper/version-2", "tick_time" : 2000, "server_id" : 1,
  "command" : "configuration", "error" : null
}`,
	"connections": `{
  "connections" : [
    { "remote_socket_address" : "127.0.0.1:35902", "interest_ops" : 1, "session_id" : 72057594037927936,
      "last_operation" : "PING", "established" : 1795348322065, "session_timeout" : 10000 },
    { "remote_socket_address" : null, "session_id" : 3, "established" : 1 },
    { "remote_socket_address" : "10.0.0.1:2", "session_id" : 0, "established" : 1 } ],
  "secure_connections" : [ { "remote_socket_address" : "[0:0:0:0:0:0:0:1]:4711", "session_id" : -5, "established" : 2 } ],
  "command" : "connections", "error" : null
}`,
	"dump": `{
  "expiry_time_to_session_ids" : { "1795348340000" : [ 72057594037927936, -5 ], "1795348342000" : [ ] },
  "session_id_to_ephemeral_paths" : { "72057594037927936" : [ "/app/e" ] },
  "command" : "dump", "error" : null
}`,
	"watches_by_path": `{
  "path_to_session_ids" : { "/app" : [ -5 ], "/app/e" : [ 72057594037927936, -5 ], "/other" : [ 1 ] },
  "command" : "watches_by_path", "error" : null
}`,
}

// fromAdmin asks an AdminServer for what a whitelist has refused.
func fromAdmin(t *testing.T, handler http.Handler, mode string, secure bool) *asking {
	t.Helper()
	web := httptest.NewUnstartedServer(handler)
	cfg := Config{}
	if secure {
		web.StartTLS()
		cfg.TLS = web.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	} else {
		web.Start()
	}
	t.Cleanup(web.Close)
	_, port, err := net.SplitHostPort(web.Listener.Addr().String())
	do(t, err)
	s := &Session{cfg: cfg, servers: Servers{Chroot: "/app"}, tune: censusTuning(patience), log: slog.New(slog.DiscardHandler), hosts: newHosts([]string{"127.0.0.1:2181"}, nil)}
	a := &asking{s: s, to: &censusServer{}, address: "127.0.0.1:2181", answer: ServerAnswer{Address: "zk:2181", Mode: mode}}
	for _, word := range []string{"cons", "dump", "wchp"} {
		a.refuse(word, fmt.Errorf("%s: %w", word, ErrNotWhitelisted))
	}
	number, err := strconv.Atoi(port)
	do(t, err)
	a.askAdmin(testCtx(t), number)
	return a
}

func recorded(w http.ResponseWriter, r *http.Request) {
	text, ok := adminAnswers[strings.TrimPrefix(r.URL.Path, "/commands/")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	_, _ = w.Write([]byte(text))
}

func TestAdminServer(t *testing.T) {
	for _, secure := range []bool{false, true} {
		a := fromAdmin(t, http.HandlerFunc(recorded), "standalone", secure)
		if got := addressesOf(a.answer.Connections); len(a.answer.Errs) != 0 || len(got) != 2 || got[1<<56] != "127.0.0.1:35902" || got[-5] != "[::1]:4711" {
			t.Errorf("connections %v, refused %v", got, a.answer.Errs)
		}
		if s := a.answer.Sessions; len(s) != 2 || !s[1<<56] || !s[-5] {
			t.Errorf("sessions %v", s)
		}
		if w := a.answer.Watches; len(w) != 2 || !slices.Equal(w["/"], []int64{-5}) || !slices.Equal(w["/e"], []int64{1 << 56, -5}) {
			t.Errorf("watches %v", w)
		}
	}
	// Who follows says that there are no sessions, which is not so.
	a := fromAdmin(t, http.HandlerFunc(recorded), "follower", false)
	if r := a.answer.refusals(); a.answer.Sessions != nil || len(r) != 1 || r[0] != "`dump` is not in 4lw.commands.whitelist of zk:2181" {
		t.Errorf("%v %q", a.answer.Sessions, r)
	}
}

func TestAdminServerThatIsNone(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(recorded))
	t.Cleanup(elsewhere.Close)
	only := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/configuration") {
				recorded(w, r)
				return
			}
			_, _ = w.Write([]byte(text))
		}
	}
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		want    string
	}{
		"another server's": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"client_port":2182}`)) }, "belongs to the server with port 2182"},
		"not found":        {http.NotFound, "404 Not Found"},
		"redirects": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL+r.URL.Path, http.StatusFound)
		}, "302 Found"},
		"not JSON":       {only("<html>"), "not understood"},
		"something else": {only("{}"), "not understood"},
		"other types":    {only(`{"connections":7,"expiry_time_to_session_ids":[],"path_to_session_ids":"x"}`), "not understood"},
		"an error":       {only(`{"error":"no \u001b[2Jquorum"}`), `the AdminServer says: no \x1b[2Jquorum`},
		"too long":       {only(strings.Repeat(" ", adminLimit+1)), "too long"},
		"hangs up":       {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "EOF"},
	} {
		a := fromAdmin(t, test.handler, "leader", false)
		if len(a.answer.Errs) != 3 {
			t.Errorf("%s: %+v", name, a.answer)
		}
		for _, err := range a.answer.Errs {
			if !errors.Is(err, ErrNotWhitelisted) || err.Admin == nil || !strings.Contains(err.Admin.Error(), test.want) {
				t.Errorf("%s: %v; %v, want %q", name, err, err.Admin, test.want)
			}
		}
	}
	// Nor is one asked whose certificate is not right.
	s := fromAdmin(t, http.HandlerFunc(recorded), "leader", true).s
	s.cfg.TLS = &tls.Config{}
	web := httptest.NewTLSServer(http.HandlerFunc(recorded))
	t.Cleanup(web.Close)
	_, port, _ := net.SplitHostPort(web.Listener.Addr().String())
	a := &asking{s: s, to: &censusServer{}, address: "127.0.0.1:2181"}
	if _, err := a.findAdmin(testCtx(t), must(strconv.Atoi(port))); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Error(err)
	}
}
