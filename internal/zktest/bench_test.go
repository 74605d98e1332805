package zktest

import (
	"fmt"
	"testing"
)

// BenchmarkStart measures how long servers take to serve, with the class-data
// archive.
func BenchmarkStart(b *testing.B) {
	for _, n := range []int{1, 3, 5} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				e, err := launch(b, n, newSettings(nil))
				if err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				if err := e.close(); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
		})
	}
}
