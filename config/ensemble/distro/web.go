package distro

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// statusError is an answer that is none of success.
type statusError struct {
	url    string
	status int
}

func (e *statusError) Error() string {
	return fmt.Sprintf("%s answered %d %s", e.url, e.status, http.StatusText(e.status))
}

// notThere reports whether a server said that it has no such file.
func notThere(err error) bool {
	var s *statusError
	return errors.As(err, &s) && (s.status == http.StatusNotFound || s.status == http.StatusGone)
}

// web does requests, with a deadline for every answer and for every silence within one.
type web struct {
	client *http.Client
	stall  time.Duration
	close  func()
}

func (d *Downloader) newWeb() *web {
	w := &web{client: d.Client, stall: d.stall, close: func() {}}
	if w.stall == 0 {
		w.stall = stallLimit
	}
	if w.client == nil {
		t := &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: 15 * time.Second}).DialContext,
			TLSHandshakeTimeout:   15 * time.Second,
			ForceAttemptHTTP2:     true,
			ResponseHeaderTimeout: w.stall,
		}
		w.client = &http.Client{Transport: t, CheckRedirect: redirect}
		w.close = t.CloseIdleConnections
	}
	return w
}

// redirect follows a mirror's chooser, but never from an encrypted connection to one
// that anybody on the way can change.
func redirect(req *http.Request, via []*http.Request) error {
	if len(via) >= 10 {
		return errors.New("it was redirected ten times")
	}
	if via[len(via)-1].URL.Scheme == "https" && req.URL.Scheme != "https" {
		return fmt.Errorf("it was redirected from https to %s", req.URL.Scheme)
	}
	return nil
}

// get asks for a URL. The caller closes the body, which ends the request too; a body
// that stays silent for too long fails.
func (w *web) get(ctx context.Context, address string, headers map[string]string) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		cancel(nil)
		return nil, err
	}
	req.Header.Set("User-Agent", "zkdeck")
	// A server must not pack what is packed already, nor the transport unpack it: the
	// checksum and the ranges are those of the file.
	req.Header.Set("Accept-Encoding", "identity")
	for k, v := range headers {
		req.Header.Set(k, v)
	}
	silence := fmt.Errorf("%s sent nothing for %s", req.URL.Host, w.stall)
	timer := time.AfterFunc(w.stall, func() { cancel(silence) })
	resp, err := w.client.Do(req)
	if err != nil {
		timer.Stop()
		cause := context.Cause(ctx)
		cancel(nil)
		if errors.Is(cause, silence) {
			return nil, silence
		}
		return nil, plain(err)
	}
	resp.Body = &watched{ctx: ctx, body: resp.Body, timer: timer, stall: w.stall, cancel: cancel}
	return resp, nil
}

// watched is a body that fails when nothing comes for too long.
type watched struct {
	ctx    context.Context
	body   io.ReadCloser
	timer  *time.Timer
	stall  time.Duration
	cancel context.CancelCauseFunc
}

func (b *watched) Read(p []byte) (int, error) {
	n, err := b.body.Read(p)
	if n > 0 {
		b.timer.Reset(b.stall)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		if cause := context.Cause(b.ctx); cause != nil {
			err = cause
		}
	}
	return n, err
}

func (b *watched) Close() error {
	b.timer.Stop()
	b.cancel(nil)
	return b.body.Close()
}

// text fetches a small text. More than limit bytes is an error.
func (w *web) text(ctx context.Context, address string, limit int64) (string, error) {
	resp, err := w.get(ctx, address, nil)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", &statusError{address, resp.StatusCode}
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", address, err)
	}
	if int64(len(text)) > limit {
		return "", fmt.Errorf("%s is longer than %d bytes, so it is not what was asked for", address, limit)
	}
	return string(text), nil
}

// plain takes the "Get URL:" off an error of net/http where it stands twice.
func plain(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return fmt.Errorf("asking %s: %w", u.URL, u.Err)
	}
	return err
}

// host is that of a URL.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Host
}

// several are what went wrong at one server after the other, in one line.
type several []error

func (s several) Error() string {
	texts := make([]string, 0, len(s))
	for _, err := range s {
		texts = append(texts, err.Error())
	}
	return strings.Join(texts, "; ")
}

// Unwrap returns them all.
func (s several) Unwrap() []error { return s }
