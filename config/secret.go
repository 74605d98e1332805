package config

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// maxSecret bounds what is read of a file or a command, in bytes.
const maxSecret = 64 << 10

// Auth is one identity, as zkCli's addauth takes it, and where its secret comes
// from: exactly one of Env, File and Command. The secret itself is never in the
// settings, so that they can be shared.
type Auth struct {
	// Scheme is ZooKeeper's name of the scheme, "digest" for user:password.
	Scheme string `yaml:"scheme"`
	// Env names an environment variable that holds the secret.
	Env string `yaml:"env"`
	// File is a file that holds it and that only its owner may read.
	File string `yaml:"file"`
	// Command is a program with its arguments that prints it, for instance of a
	// password manager. No shell is involved.
	Command []string `yaml:"command"`
}

func (a *Auth) check() error {
	if a.Scheme == "" {
		return errors.New("names no scheme, such as digest")
	}
	n := 0
	for _, given := range []bool{a.Env != "", a.File != "", len(a.Command) > 0} {
		if given {
			n++
		}
	}
	if n != 1 {
		return errors.New("must name one of env, file and command for its secret")
	}
	return nil
}

// Secret fetches the secret, without the newline that ends a line. A command runs
// until it ends or ctx is done, with this process's terminal for its questions.
// No error holds any part of what was read.
func (a *Auth) Secret(ctx context.Context) ([]byte, error) {
	return a.secret(ctx, os.Stdin, os.Stderr)
}

// SecretAside is [Auth.Secret] while a screen has the terminal: a command gets
// nothing to read, and what it writes to its standard error is lost.
func (a *Auth) SecretAside(ctx context.Context) ([]byte, error) {
	return a.secret(ctx, nil, nil)
}

func (a *Auth) secret(ctx context.Context, in io.Reader, errs io.Writer) ([]byte, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	var secret []byte
	var err error
	switch {
	case a.Env != "":
		secret = []byte(os.Getenv(a.Env))
		if len(secret) == 0 {
			return nil, fmt.Errorf("the secret of %s: the environment variable %s is not set or empty", a.Scheme, a.Env)
		}
	case a.File != "":
		secret, err = secretFile(a.File)
	default:
		secret, err = secretCommand(ctx, a.Command, in, errs)
	}
	if err != nil {
		return nil, fmt.Errorf("the secret of %s: %w", a.Scheme, err)
	}
	return secret, nil
}

func secretFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat() // of the open file: what is checked is what is read
	if err != nil {
		return nil, err
	}
	if openToOthers(info) {
		return nil, fmt.Errorf("%s is open to others (mode %04o); chmod 600 it", path, info.Mode().Perm())
	}
	text, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return trimSecret(text, path)
}

func secretCommand(ctx context.Context, argv []string, in io.Reader, errs io.Writer) ([]byte, error) {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Stdin, cmd.Stderr = in, errs
	text, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("running %s: %w", argv[0], err)
	}
	return trimSecret(text, argv[0])
}

func trimSecret(text []byte, from string) ([]byte, error) {
	if len(text) > maxSecret {
		return nil, fmt.Errorf("%s gives over %d bytes; that is no secret", from, maxSecret)
	}
	text = bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r"))
	if len(text) == 0 {
		return nil, fmt.Errorf("%s gives nothing", from)
	}
	return text, nil
}
