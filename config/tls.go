package config

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
)

// TLS says how a connection is encrypted. Its files are in PEM.
type TLS struct {
	// CA is a file of certificates to trust instead of the system's.
	CA string `yaml:"ca"`
	// Cert and Key are the client's own certificate and its private key, for
	// servers that ask for one (ZooKeeper's do unless ssl.clientAuth says not).
	Cert string `yaml:"cert"`
	Key  string `yaml:"key"`
	// ServerName is the name that the server's certificate must carry; empty for
	// the name in the connect string.
	ServerName string `yaml:"server_name"`
	// Insecure accepts every certificate.
	Insecure bool `yaml:"insecure"`
}

func (t *TLS) check() error {
	if (t.Cert == "") != (t.Key == "") {
		return errors.New("tls: a certificate and its key go together; one is missing")
	}
	return nil
}

// Config reads the files and returns what crypto/tls needs.
func (t *TLS) Config() (*tls.Config, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	c := &tls.Config{
		MinVersion:         tls.VersionTLS12,
		ServerName:         t.ServerName,
		InsecureSkipVerify: t.Insecure,
	}
	if t.CA != "" {
		pem, err := os.ReadFile(t.CA)
		if err != nil {
			return nil, fmt.Errorf("tls: reading the certificates to trust: %w", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("tls: %s holds no certificate in PEM", t.CA)
		}
	}
	if t.Cert != "" {
		pair, err := tls.LoadX509KeyPair(t.Cert, t.Key)
		if err != nil {
			return nil, fmt.Errorf("tls: reading %s and %s: %w", t.Cert, t.Key, err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}
