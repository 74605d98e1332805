package bench

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
)

// starts is how often each program is started for the first frame.
const starts = 15

// firstFrame measures from the start of the process to its first whole frame,
// with a server, without one, and for a program that does nothing else.
func firstFrame(b *testing.B, w *world) {
	cases := []struct {
		name string
		has  string
		bin  string
		args []string
		took []time.Duration
	}{
		{"bare program", bareFrameHas, w.bare, nil, nil},
		{"cluster reachable", firstFrameHas, w.ours, []string{w.addr}, nil},
		{"cluster not reachable", firstFrameHas, w.ours, []string{closedPort(b)}, nil},
	}
	for i := range starts + 1 {
		for c := range cases {
			k := &cases[c]
			r := w.start(b, k.bin, k.args...)
			took := r.WaitForText(k.has).Sub(r.Started())
			r.end()
			if i > 0 { // the first reads the binary from disk
				k.took = append(k.took, took)
			}
		}
	}
	bare := median(cases[0].took)
	for _, k := range cases {
		say("first frame, %-22s p50 %5.1f ms  max %5.1f ms", k.name, ms(median(k.took)), ms(at(k.took, 1)))
		if k.bin != w.ours {
			continue
		}
		b.ReportMetric(ms(median(k.took)), "ms-"+strings.ReplaceAll(k.name, " ", "-"))
		w.add(figure{
			what: "first frame, " + k.name, ours: ms(median(k.took)), unit: "ms",
			floor: ms(bare), floorIs: "bare program", budget: 50, ratio: 1.5,
		})
	}
}

// closedPort is an address at which nothing listens.
func closedPort(b *testing.B) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	return fmt.Sprint(l.Addr())
}
