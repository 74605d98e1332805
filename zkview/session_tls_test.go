package zkview

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"zkdeck/internal/zktest"
)

// tlsFront puts TLS in front of a server, as stunnel would; the certificate is
// for example.com and 127.0.0.1.
func tlsFront(t *testing.T, upstream string) (addr string, client *tls.Config) {
	t.Helper()
	web := httptest.NewTLSServer(nil)
	t.Cleanup(web.Close)
	addr = serve(t, func(c net.Conn) {
		front := tls.Server(c, &tls.Config{Certificates: web.TLS.Certificates})
		if front.Handshake() != nil {
			return
		}
		back, err := net.Dial("tcp", upstream)
		if err != nil {
			return
		}
		defer back.Close()
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = io.Copy(back, front)
			back.Close()
		}()
		_, _ = io.Copy(front, back)
		front.Close()
		<-done
	})
	roots := x509.NewCertPool()
	roots.AddCert(web.Certificate())
	return addr, &tls.Config{RootCAs: roots}
}

func TestTLS(t *testing.T) {
	ctx := testCtx(t)
	addr, client := tlsFront(t, zktest.Shared(t))
	s := openTest(t, Config{Servers: addr, TLS: client})
	must(s.Stat(ctx, "/"))
	eventually(t, "srvr over TLS too", func() bool { return s.Status().Mode == "standalone" })

	// The certificate is checked against the name in the connect string, not
	// against the address that it resolves to.
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	named := openTest(t, Config{Servers: "localhost:" + port, TLS: client})
	whyHas(t, named, "certificate is valid for", "not localhost")

	plain := openTest(t, Config{Servers: addr})
	whyHas(t, plain, addr, "expects TLS")
}

// What a certificate says of itself comes from whoever answers, and is told as
// the reason for which it was refused.
func TestCertificateWithEscapes(t *testing.T) {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"a\x1b]0;pwned\x07.example"},
	}
	cert := tls.Certificate{PrivateKey: key}
	cert.Certificate = append(cert.Certificate, must(x509.CreateCertificate(rand.Reader, about, about, key.Public(), key)))
	addr := serve(t, func(c net.Conn) {
		_ = tls.Server(c, &tls.Config{Certificates: []tls.Certificate{cert}}).Handshake()
	})
	s := openTest(t, Config{Servers: addr, TLS: &tls.Config{ServerName: "zk.example"}})
	whyHas(t, s, "certificate", "pwned")
	if why := s.Status().Why; strings.ContainsAny(why, "\x1b\x07") {
		t.Errorf("Why is %q", why)
	}
}
