package wire

import (
	"fmt"
	"testing"
)

// BenchmarkWalker is the cost of checking a listing of 312,763 names.
func BenchmarkWalker(b *testing.B) {
	var e Encoder
	e.Int(312_763)
	for i := range 312_763 {
		e.Ustring(fmt.Sprintf("child-with-a-name-%010d", i))
	}
	e.buf = append(e.buf, make([]byte, 68)...)
	b.SetBytes(int64(len(e.buf)))
	for b.Loop() {
		if err := feedAll(replyPlans[OpGetChildren2], e.buf, bufferSize); err != nil {
			b.Fatal(err)
		}
	}
}
