package cli

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"syscall"

	"zkdeck/config"
	"zkdeck/internal/safetext"
	"zkdeck/zkview"
	"zkdeck/zkview/sandbox"
	"zkdeck/zkview/sandbox/demo"
)

// box is a sandbox with what is in it.
type box struct {
	server *sandbox.Server
	life   *demo.Life // nil where nothing lives; of who has waited for filled
	stop   context.CancelFunc

	filled chan struct{} // closed once the data is in, or err says why it is not
	err    error
}

// close ends it. It may take as long as what lives in it needs to leave.
func (b *box) close() {
	b.stop()
	<-b.filled
	if b.life != nil {
		b.life.Close()
	}
	_ = b.server.Close() // nothing is lost that was to be kept
}

// wait blocks until the data is in.
func (b *box) wait() error {
	<-b.filled
	return b.err
}

// startBox starts a sandbox and puts its data in; whoever connects meanwhile is
// answered when all of it is there. How far it has come goes to errs if that is a
// terminal. The sample data goes in aside, so that a screen can be drawn meanwhile:
// wait waits for it.
func startBox(ctx context.Context, o sandboxFlags, log *slog.Logger, errs io.Writer) (*box, error) {
	// What lives in it outlives the call that opened it.
	living, stop := context.WithCancel(context.WithoutCancel(ctx))
	b := &box{stop: stop, filled: make(chan struct{})}
	options := sandbox.Options{Listen: o.listen, TickTime: o.tick, Version: o.actsAs, Logger: log}
	listens := make(chan *sandbox.Server, 1)
	switch o.data {
	case dataDemo:
		options.Prepare = func(s *sandbox.Server, _ string) (err error) {
			listens <- s
			b.life, err = demo.Live(living, s, demo.Options{})
			return ofData(err)
		}
	case dataEmpty:
	default:
		// ACLs of the export must not keep out what is below.
		secret := "super:" + rand.Text()
		options.Superuser = sandbox.Digest(secret)
		options.Prepare = func(_ *sandbox.Server, address string) error {
			return ofData(load(ctx, o.data, address, secret, log, errs))
		}
	}
	go func() {
		defer close(b.filled)
		s, err := sandbox.Start(options)
		switch {
		case err == nil && o.data != dataDemo:
			listens <- s
		case err != nil && living.Err() == nil:
			log.Error("the sandbox has ended before it began", "err", err)
		}
		b.err = err
	}()
	select {
	case b.server = <-listens:
		return b, nil
	case <-b.filled:
	}
	if b.err == nil {
		b.server = <-listens // it is that fast
		return b, nil
	}
	stop()
	return nil, startError(o.listen, b.err)
}

// dataError is an error of the data, which is none of the address.
type dataError struct{ error }

func (e *dataError) Unwrap() error { return e.error }

// ofData marks an error as one of the data; nil stays nil.
func ofData(err error) error {
	if err == nil {
		return nil
	}
	return &dataError{err}
}

// startError says what to do about a sandbox that does not start.
func startError(listen string, err error) error {
	var network *net.OpError
	var data *dataError
	switch {
	case errors.As(err, &data):
		return data.error
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s is taken: another server listens there, perhaps a ZooKeeper that zkdeck %s would open; --listen names another address, and with port 0 a free one is found", listen, listen)
	case errors.As(err, &network):
		return err
	}
	return usage(err)
}

// address is where clients on this machine find it.
func (b *box) address() string {
	at, err := netip.ParseAddrPort(b.server.Addr())
	if err != nil || !at.Addr().IsUnspecified() {
		return b.server.Addr()
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), at.Port()).String()
}

// warn tells if others than this machine reach it.
func (b *box) warn(errs io.Writer) {
	at, err := netip.ParseAddrPort(b.server.Addr())
	if err == nil && at.Addr().IsLoopback() {
		return
	}
	_, _ = fmt.Fprintf(errs, "zkdeck: warning: it listens on %s: everybody who reaches that can read and write what is in it\n", b.server.Addr())
}

// load puts what an export holds into an empty sandbox, as the superuser with that
// secret.
func load(ctx context.Context, name, address, secret string, log *slog.Logger, errs io.Writer) error {
	file, closing, err := openExport(ctx, name)
	var wrong *usageError
	switch {
	case errors.As(err, &wrong):
		return err
	case err != nil:
		return loadError(ctx, name, err)
	}
	defer closing()
	t := target{Profile: config.Profile{Servers: address, Timeout: defaultTimeout}}
	session, err := zkview.Open(zkview.Config{
		Servers: t.Servers, Timeout: t.Timeout, Logger: log,
		Auth: []zkview.Auth{{Scheme: "digest", Secret: []byte(secret)}},
	})
	if err != nil {
		return loadError(ctx, name, err)
	}
	defer func() { _ = session.Close() }()
	j := &job{session: session, target: t, out: bufio.NewWriter(io.Discard), errs: errs, errsIsTerminal: isTerminal(errs)}
	j.overwrites = j.errsIsTerminal && checkTERM() == nil
	if err := j.connect(ctx); err != nil {
		return loadError(ctx, name, err)
	}
	return j.fill(ctx, name, file)
}

// fill carries an import into an empty sandbox out. Nothing there is worth a
// conflict, nor is a file that was changed by hand.
func (j *job) fill(ctx context.Context, name string, file io.ReadSeeker) error {
	reading, progress, cancel := j.patientTransfer(ctx)
	defer cancel()
	options := zkview.ImportOptions{OnConflict: zkview.ConflictOverwrite, Edited: true, Progress: progress}
	plan, err := j.session.PlanImport(reading, file, options)
	j.endProgress()
	if err != nil {
		return loadError(ctx, name, err)
	}
	summary := plan.Summary()
	if summary.Blocked != nil {
		return loadError(ctx, name, summary.Blocked)
	}
	report, err := plan.Apply(ctx, j.transferring)
	j.endProgress()
	for _, item := range summary.Examples[zkview.PlanRefuse] {
		j.warn("%s is left out: %s", safetext.Clean(item.Path), safetext.CleanLine(item.Why.Error()))
	}
	j.warnNotes(report.Notes, report.MoreNotes)
	switch {
	case err != nil:
		return loadError(ctx, name, err)
	case !report.Complete():
		return fmt.Errorf("%s did not go in whole", safetext.Clean(name))
	}
	return nil
}

// loadError says of which file an error is.
func loadError(ctx context.Context, name string, err error) error {
	if ctx.Err() != nil {
		return errors.New("interrupted before the data was there")
	}
	return fmt.Errorf("%s: %s", safetext.Clean(name), safetext.CleanLine(err.Error()))
}
