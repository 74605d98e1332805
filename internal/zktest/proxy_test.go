package zktest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"sync"
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

// Who hangs up one way is still answered, and nothing is lost or out of order.
func TestProxyMovesAllBytes(t *testing.T) {
	p := NewProxy(t, echo(t))
	p.Latency(time.Millisecond)
	sent := make([]byte, 4<<20)
	for i := range sent {
		sent[i] = byte(i >> 8 * i)
	}
	var all sync.WaitGroup
	for range 3 {
		c := dial(t, p.Addr()).(*net.TCPConn)
		all.Go(func() {
			if _, err := c.Write(sent); err != nil {
				t.Error(err)
			}
			if err := c.CloseWrite(); err != nil {
				t.Error(err)
			}
		})
		all.Go(func() {
			if got, err := io.ReadAll(c); err != nil || !bytes.Equal(got, sent) {
				t.Errorf("%d bytes of %d came back: %v", len(got), len(sent), err)
			}
		})
	}
	all.Wait()
}

// Where no bytes pass nobody learns that the other side has hung up.
func TestProxyStallsTheEnd(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	p := NewProxy(t, l.Addr().String())
	client := dial(t, p.Addr())
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	p.StallAnswers()
	server.Close()
	if err := client.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("stalled, but the client was told: %v", err)
	}
	p.Heal()
	if err := client.SetReadDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	if n, err := client.Read(make([]byte, 1)); err == nil {
		t.Errorf("healed, but the connection lives: %d bytes", n)
	}
}

// Whatever is done to the network, and by how many at once: what comes back on a
// connection is the beginning of what was sent, and a healed proxy works.
func TestProxyFromManyGoroutines(t *testing.T) {
	p := NewProxy(t, echo(t))
	ended := make(chan struct{})
	var clients, breakers sync.WaitGroup
	for range 4 {
		clients.Go(func() {
			for {
				select {
				case <-ended:
					return
				default:
				}
				if c, err := net.Dial("tcp", p.Addr()); err == nil {
					count(t, c)
				}
			}
		})
	}
	for _, breaks := range []func(){
		p.Cut, p.Stall, p.StallRequests, p.StallAnswers,
		func() { p.Latency(time.Millisecond) },
		func() { p.Latency(time.Hour) },
	} {
		breakers.Go(func() {
			for range 50 {
				breaks()
				p.Heal()
			}
		})
	}
	breakers.Wait()
	close(ended)
	if err := say(dial(t, p.Addr()), startTimeout); err != nil {
		t.Errorf("healed: %v", err)
	}
	p.Cut() // those that still count
	clients.Wait()
}

// count sends numbers over a connection to an echo until it breaks.
func count(t *testing.T, c net.Conn) {
	var writing sync.WaitGroup
	writing.Go(func() {
		for n := uint32(0); ; n++ {
			if _, err := c.Write(binary.BigEndian.AppendUint32(nil, n)); err != nil {
				return
			}
		}
	})
	b := make([]byte, 4)
	for n := uint32(0); ; n++ {
		if _, err := io.ReadFull(c, b); err != nil {
			break
		}
		if got := binary.BigEndian.Uint32(b); got != n {
			t.Errorf("%d came back for %d", got, n)
			break
		}
	}
	c.Close()
	writing.Wait()
}

// What was sent while nothing passed does not come after the end of that.
func TestProxyLosesWhatItStalls(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	p := NewProxy(t, l.Addr().String())
	for range 100 {
		client := dial(t, p.Addr())
		server, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		p.Stall()
		if _, err := client.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		p.Heal()
		if n, err := server.Read(make([]byte, 1)); err == nil {
			t.Errorf("%d bytes came", n)
		}
		server.Close()
	}
}
