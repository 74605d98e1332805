package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/screentest"
	"zkdeck/internal/zktest"
)

const (
	stormPath = "/storm"
	stormKids = 1000
	// stormRate is how many changes a second are aimed at, stormTime how long,
	// stormConns how many sessions make them, each with stormFlight under way.
	stormRate   = 5000
	stormTime   = 8 * time.Second
	stormConns  = 3
	stormFlight = 16
	// stormKey is the time between two keys, to us and to the bare program in turn.
	stormKey = 35 * time.Millisecond
)

// storm measures frames and keys while what is on screen changes all the time, and
// checks that in the end nothing was missed.
func storm(b *testing.B, w *world) {
	addr := zktest.Start(b, 1).Addr()
	var conns []*zk.Conn
	for range stormConns {
		conns = append(conns, zktest.Connect(b, addr))
	}
	create(b, conns[0], stormPath)
	for i := range stormKids {
		create(b, conns[0], stormChild(i))
	}
	r := w.opened(b, addr, stormPath, "kid-0000")
	defer r.end()
	bare := w.start(b, w.bare)
	defer bare.end()
	bare.WaitForText(bareFrameHas)
	r.rest(b)

	ctx, cancel := context.WithTimeout(b.Context(), stormTime)
	defer cancel()
	done := make(chan int)
	start, cpu, written, writes := time.Now(), r.cpu(), r.Written(), r.Writes()
	go func() { done <- change(ctx, conns) }()
	var answers, floor []time.Duration
	tick := time.NewTicker(stormKey)
	defer tick.Stop()
	for n := 0; ctx.Err() == nil; n++ {
		pressed := time.Now()
		answered, _ := r.flip(n, func(string) bool { return false })
		answers = append(answers, answered.Sub(pressed))
		<-tick.C
		pressed = time.Now()
		bare.Type("j")
		floor = append(floor, bare.WaitForText(fmt.Sprintf("> line %07d", n+1)).Sub(pressed))
		<-tick.C
	}
	changes := <-done
	took := time.Since(start).Seconds()
	rate, frames := float64(changes)/took, float64(r.Writes()-writes)/took
	percent := 100 * (r.cpu() - cpu).Seconds() / took
	say("storm: %.0f changes/s for %.1f s; %.1f frames/s, %.0f B/s, %.0f %% of a core",
		rate, took, frames, float64(r.Written()-written)/took, percent)
	say("storm: %d keys, ours p50 %.1f ms  p99 %.1f ms, the bare program's p50 %.1f ms  p99 %.1f ms",
		len(answers), ms(median(answers)), ms(at(answers, 0.99)), ms(median(floor)), ms(at(floor, 0.99)))
	missed, settled := r.missed(b, conns[0])
	say("storm: the screen equalled a fresh reading %v after the last change, of %d pages", settled.Round(time.Millisecond), (stormKids+height-1)/height)
	b.ReportMetric(frames, "frames/s")
	w.add(
		figure{what: "storm, changes/s made", ours: rate, unit: "/s", budget: stormRate * 0.95, atLeast: true},
		figure{what: "storm, frames/s", ours: frames, unit: "/s", budget: 30, atLeast: true},
		figure{
			what: "storm, a key to its frame, p50", ours: ms(median(answers)), unit: "ms",
			floor: ms(median(floor)), floorIs: "bare program", budget: 50,
		},
		figure{
			what: "storm, a key to its frame, p99", ours: ms(at(answers, 0.99)), unit: "ms",
			floor: ms(at(floor, 0.99)), floorIs: "bare program", budget: 50,
		},
		figure{what: "storm, rows wrong in the end", ours: float64(missed), unit: "rows"},
	)
}

func stormChild(i int) string { return fmt.Sprintf("%s/kid-%04d", stormPath, i) }

func create(b *testing.B, conn *zk.Conn, path string) {
	if _, err := conn.Create(path, nil, 0, zk.WorldACL(zk.PermAll)); err != nil {
		b.Fatalf("creating %s: %v", path, err)
	}
}

// change sets, deletes and creates children at random, at the rate and until ctx
// ends, and returns how many times it did.
func change(ctx context.Context, conns []*zk.Conn) int {
	var made atomic.Int64
	var due atomic.Int64 // how many changes should have been made by now
	start := time.Now()
	var writers sync.WaitGroup
	for i, conn := range conns {
		for j := range stormFlight {
			writers.Go(func() {
				rnd := rand.New(rand.NewPCG(uint64(i), uint64(j)))
				for ctx.Err() == nil {
					turn := time.Duration(due.Add(1)) * time.Second / stormRate
					select {
					case <-time.After(time.Until(start.Add(turn))):
					case <-ctx.Done():
						return
					}
					if err := changeOne(conn, rnd); err == nil {
						made.Add(1)
					}
				}
			})
		}
	}
	writers.Wait()
	return int(made.Load())
}

// changeOne makes one change: of five, three set a value of another length, one
// deletes and one creates; each tries another child until it finds one that is
// there, or is not.
func changeOne(conn *zk.Conn, rnd *rand.Rand) error {
	for {
		path := stormChild(rnd.IntN(stormKids + stormKids/10))
		var err error
		switch rnd.IntN(5) {
		case 0:
			err = conn.Delete(path, -1)
		case 1:
			_, err = conn.Create(path, nil, 0, zk.WorldACL(zk.PermAll))
		default:
			_, err = conn.Set(path, []byte(strings.Repeat("x", 10+rnd.IntN(90))), -1)
		}
		if !errors.Is(err, zk.ErrNoNode) && !errors.Is(err, zk.ErrNodeExists) {
			return err
		}
	}
}

// stormRow is a child's row: its name and its size.
var stormRow = regexp.MustCompile(`(kid-\d{4}) .*?(\d+ B|-) *[^\s│]? *│`)

// missed pages through the screen until it equals what the server says, and
// returns after how long; or how many rows were still wrong at the deadline.
func (r *run) missed(b *testing.B, conn *zk.Conn) (wrong int, after time.Duration) {
	want := fresh(b, conn)
	start := time.Now()
	for {
		got := r.all(b)
		wrong = 0
		for name, size := range want {
			if got[name] != size {
				wrong++
			}
		}
		for name := range got {
			if _, ok := want[name]; !ok {
				wrong++
			}
		}
		after = time.Since(start)
		if wrong == 0 || after > screentest.Deadline {
			return wrong, after
		}
	}
}

// fresh is what the server says now: the size of each child as rows show it.
func fresh(b *testing.B, conn *zk.Conn) map[string]string {
	names, _, err := conn.Children(stormPath)
	if err != nil {
		b.Fatal(err)
	}
	want := map[string]string{}
	for _, name := range names {
		_, st, err := conn.Exists(stormPath + "/" + name)
		if err != nil {
			b.Fatal(err)
		}
		want[name] = "-"
		if st.DataLength > 0 {
			want[name] = fmt.Sprintf("%d B", st.DataLength)
		}
	}
	return want
}

// all reads every row of the expanded parent off the screen, page by page.
func (r *run) all(b *testing.B) map[string]string {
	got := map[string]string{}
	r.Type("g")
	r.WaitFor(func(s string) bool { return selected(s) == "/" }, "the root")
	for {
		r.rest(b)
		screen := r.Screen()
		for _, m := range stormRow.FindAllStringSubmatch(screen, -1) {
			got[m[1]] = m[2]
		}
		was := selected(screen)
		if was == "/zookeeper" {
			return got
		}
		r.Type("pgdown")
		r.WaitFor(func(s string) bool { return selected(s) != was }, "the next page")
	}
}
