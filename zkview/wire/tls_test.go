package wire_test

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"zkdeck/zkview/wire"
)

// TestTLS runs a session over TLS; the certificate is for example.com, a name that
// only Name can tell.
func TestTLS(t *testing.T) {
	certs := httptest.NewUnstartedServer(http.NotFoundHandler())
	certs.StartTLS()
	conf, pool := certs.TLS.Clone(), x509.NewCertPool()
	pool.AddCert(certs.Certificate())
	certs.Close()
	conf.NextProtos = nil

	respond := fake(10*time.Second, func(k call) []byte { return answer(k.xid, 1, 0, stat()) })
	addr := listen(t, func(c net.Conn) {
		s := tls.Server(c, conf)
		defer s.Close()
		respond(s)
	})
	for name, want := range map[string]string{"example.com:2281": "", "example.net:2281": "example.net", "": "127.0.0.1"} {
		d := &wire.Dialer{
			TLS:  &tls.Config{RootCAs: pool},
			Name: func(string) string { return name },
		}
		refused := refusals(d)
		if want != "" && name != "" {
			connect(t, d, 10*time.Second, addr)
			if err := wait(t, refused, "refusal"); !strings.Contains(err.Error(), "not "+want) {
				t.Errorf("%q: %v", name, err)
			}
			continue
		}
		z := connect(t, d, 10*time.Second, addr)
		if ok, _, err := z.Exists("/a"); !ok || err != nil {
			t.Errorf("%q: %v %v", name, ok, err)
		}
		if d.TLS.ServerName != "" {
			t.Error("the caller's configuration was changed")
		}
	}
}
