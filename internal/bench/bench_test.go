package bench

import (
	"fmt"
	"testing"

	"zkdeck/internal/zktest"
	"zkdeck/internal/zktest/seed"
)

func TestMain(m *testing.M) { zktest.Main(m) }

const (
	// widePath has as many children as the widest znode told of in the field.
	widePath = "/tasks"
	wideN    = 312_763
)

// world is what the parts of [BenchmarkBudgets] share.
type world struct {
	programs
	addr string // of a server with widePath
	*table
}

// BenchmarkBudgets measures all budgets and prints the table. Its parts run alone
// too: -bench Budgets/open.
func BenchmarkBudgets(b *testing.B) {
	w := &world{build(b), zktest.Start(b, 1).Addr(), &table{}}
	if err := seed.Wide(b.Context(), zktest.Connect(b, w.addr), widePath, wideN); err != nil {
		b.Fatal(err)
	}
	parts := []struct {
		name string
		run  func(b *testing.B, w *world)
	}{
		{"first-frame", firstFrame},
		{"open", open},
		{"keys", keys},
		{"in-process", inProcess},
		{"storm", storm},
		{"idle", idle},
		{"walk", walk},
		{"ensembles", ensembles},
	}
	for _, p := range parts {
		b.Run(p.name, func(b *testing.B) {
			for b.Loop() {
				p.run(b, w)
			}
		})
	}
	fmt.Printf("\n%s\n", w.table)
}
