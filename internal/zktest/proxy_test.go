package zktest

import (
	"io"
	"net"
	"testing"
	"time"
)

// echo is a server that sends back what it gets.
func echo(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = io.Copy(c, c)
			}()
		}
	}()
	return l.Addr().String()
}

// say sends a byte and waits up to d for it to come back.
func say(c net.Conn, d time.Duration) error {
	if _, err := c.Write([]byte("x")); err != nil {
		return err
	}
	if err := c.SetReadDeadline(time.Now().Add(d)); err != nil {
		return err
	}
	_, err := io.ReadFull(c, make([]byte, 1))
	return err
}

func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestProxy(t *testing.T) {
	p := NewProxy(t, echo(t))
	c := dial(t, p.Addr())
	if err := say(c, startTimeout); err != nil {
		t.Fatalf("through a healthy proxy: %v", err)
	}

	p.Latency(150 * time.Millisecond)
	began := time.Now()
	if err := say(c, startTimeout); err != nil || time.Since(began) < 150*time.Millisecond {
		t.Errorf("with latency: %v after %v", err, time.Since(began))
	}
	p.Heal()
	if err := say(c, startTimeout); err != nil {
		t.Errorf("healed of latency: %v", err)
	}

	p.Stall()
	if err := say(c, 100*time.Millisecond); err == nil {
		t.Error("stalled, but an answer came")
	}
	if err := say(dial(t, p.Addr()), 100*time.Millisecond); err == nil {
		t.Error("stalled, but an answer came on a new connection")
	}
	p.Heal()
	c = dial(t, p.Addr())
	if err := say(c, startTimeout); err != nil {
		t.Errorf("healed of a stall: %v", err)
	}

	p.Cut()
	if err := say(c, startTimeout); err == nil {
		t.Error("cut, but the connection lives")
	}
	if c, err := net.Dial("tcp", p.Addr()); err == nil {
		c.Close()
		t.Error("cut, but a connection was accepted")
	}
	p.Heal()
	if err := say(dial(t, p.Addr()), startTimeout); err != nil {
		t.Errorf("healed of a cut: %v", err)
	}
}

func TestProxyEndsWhileStalled(t *testing.T) {
	p := NewProxy(t, echo(t))
	c := dial(t, p.Addr())
	p.Stall()
	if err := say(c, 50*time.Millisecond); err == nil {
		t.Error("stalled, but an answer came")
	}
}

// What was under way when a connection ended leaves no goroutine behind (TestMain looks).
func TestProxyCutWithDataInFlight(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	p := NewProxy(t, l.Addr().String())
	for _, end := range []func(client, server net.Conn){
		func(net.Conn, net.Conn) { p.Cut() },
		func(net.Conn, net.Conn) { p.Stall(); p.Heal() },
		func(client, _ net.Conn) { client.Close() },
		func(_, server net.Conn) { server.Close() },
	} {
		p.Heal()
		client := dial(t, p.Addr())
		server, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer server.Close()
		// Nobody reads: both ends write until no buffer on the way takes more.
		errs := make(chan error, 2)
		for _, c := range []net.Conn{client, server} {
			go func() {
				var err error
				for err == nil {
					_, err = c.Write(make([]byte, 1<<20))
				}
				errs <- err
			}()
		}
		if _, err := io.ReadFull(server, make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
		end(client, server)
		for range 2 {
			if err := <-errs; err == nil {
				t.Error("written for ever")
			}
		}
	}
}
