package config_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"zkdeck/config"
)

func TestSecret(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	t.Setenv("ZK_TEST_SECRET", "me:env")
	t.Setenv("ZK_TEST_EMPTY", "")
	for name, c := range map[string]struct {
		auth      config.Auth
		want, err string
	}{
		"env":             {config.Auth{Env: "ZK_TEST_SECRET"}, "me:env", ""},
		"env empty":       {config.Auth{Env: "ZK_TEST_EMPTY"}, "", "ZK_TEST_EMPTY is not set or empty"},
		"file":            {config.Auth{File: write("good", "me:file\n", 0o600)}, "me:file", ""},
		"file read-only":  {config.Auth{File: write("ro", " two words \r\n", 0o400)}, " two words ", ""},
		"file group":      {config.Auth{File: write("open", "me:leaked", 0o640)}, "", "is open to others (mode 0640); chmod 600 it"},
		"file empty":      {config.Auth{File: write("empty", "\n", 0o600)}, "", "gives nothing"},
		"file huge":       {config.Auth{File: write("huge", strings.Repeat("x", 70<<10), 0o600)}, "", "that is no secret"},
		"file missing":    {config.Auth{File: filepath.Join(dir, "none")}, "", "no such file"},
		"folder":          {config.Auth{File: dir}, "", "is open to others"},
		"command":         {config.Auth{Command: []string{"printf", `me:%s\n`, "command"}}, "me:command", ""},
		"command fails":   {config.Auth{Command: []string{"sh", "-c", "echo me:leaked; exit 3"}}, "", "running sh: exit status 3"},
		"command missing": {config.Auth{Command: []string{"no-such-program-here"}}, "", "no-such-program-here"},
		"nothing":         {config.Auth{}, "", "must name one of"},
	} {
		t.Run(name, func(t *testing.T) {
			if runtime.GOOS == "windows" && c.auth.Env == "" {
				t.Skip("Windows has neither these modes nor these programs")
			}
			c.auth.Scheme = "digest"
			got, err := c.auth.Secret(t.Context())
			switch {
			case c.err == "" && (err != nil || string(got) != c.want):
				t.Errorf("got %q, %v; want %q", got, err, c.want)
			case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
				t.Errorf("got %q, %v; want the error %q", got, err, c.err)
			}
			if err != nil && strings.Contains(err.Error(), "leaked") {
				t.Errorf("the secret is in the error: %v", err)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	a := config.Auth{Scheme: "digest", Command: []string{"printf", "x"}}
	if _, err := a.Secret(ctx); err == nil {
		t.Error("a command was run for a context that is done")
	}
}

func TestTLS(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	selfSigned(t, cert, key)

	c, err := (&config.TLS{CA: cert, Cert: cert, Key: key, ServerName: "zk.example"}).Config()
	if err != nil {
		t.Fatal(err)
	}
	if c.RootCAs == nil || len(c.Certificates) != 1 || c.ServerName != "zk.example" || c.InsecureSkipVerify {
		t.Errorf("config %+v", c)
	}
	if c, err := (&config.TLS{Insecure: true}).Config(); err != nil || !c.InsecureSkipVerify || c.RootCAs != nil {
		t.Errorf("insecure: %+v, %v", c, err)
	}
	for name, bad := range map[string]config.TLS{
		"no such file":   {CA: filepath.Join(dir, "none")},
		"no certificate": {CA: key},
		"key missing":    {Cert: cert},
		"swapped":        {Cert: key, Key: cert},
	} {
		if _, err := bad.Config(); err == nil || !strings.HasPrefix(err.Error(), "tls: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// selfSigned writes a certificate and its key in PEM.
func selfSigned(t *testing.T, certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{
		certFile: {Type: "CERTIFICATE", Bytes: cert},
		keyFile:  {Type: "PRIVATE KEY", Bytes: der},
	} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
