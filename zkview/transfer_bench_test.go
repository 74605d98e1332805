package zkview

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"zkdeck/internal/zktest"
)

// manyRecords writes an export of n znodes, a thousand below each parent.
func manyRecords(tb testing.TB, n int) *os.File {
	tb.Helper()
	file, err := os.Create(filepath.Join(tb.TempDir(), "export"))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = file.Close() })
	w, err := newExportWriter(file, ExportHeader{Root: "/", At: time.Unix(1, 0), ACL: true}, false)
	put := func(r Record) { err = errors.Join(err, w.record(&r)) }
	put(Record{Path: "/"})
	for i := range n / 1000 {
		put(Record{Path: fmt.Sprintf("/parent-%06d", i)})
	}
	for i := range n {
		put(Record{Path: fmt.Sprintf("/parent-%06d/some-name-%010d", i/1000, i), Data: fmt.Appendf(nil, "value %d", i)})
	}
	if err = errors.Join(err, w.end()); err != nil {
		tb.Fatal(err)
	}
	return file
}

// rewind puts a file to its beginning.
func rewind(tb testing.TB, file *os.File) *os.File {
	tb.Helper()
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		tb.Fatal(err)
	}
	return file
}

// keeps reports how much memory what f returns keeps.
func keeps(b *testing.B, f func() any) {
	b.Helper()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	kept := f()
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(kept)
	b.ReportMetric(float64(int64(after.HeapAlloc)-int64(before.HeapAlloc))/1e6, "MB-kept")
}

// BenchmarkCompareMillion compares an export of a million znodes with itself, and
// tells what is held of it.
func BenchmarkCompareMillion(b *testing.B) {
	file := manyRecords(b, 1_000_000)
	for b.Loop() {
		keeps(b, func() any {
			c := &comparison{pace: newPace(nil), at: map[pathKey]int32{}, below: map[pathKey]bool{}}
			reader, err := newExportReader(rewind(b, file), false)
			if err == nil {
				err = c.read(b.Context(), Side{}, reader, c.takeA)
			}
			if err != nil {
				b.Fatal(err)
			}
			return c
		})
	}
}

// BenchmarkTransfer imports, plans again, exports and deletes a tree of 100,000
// znodes on a real server.
func BenchmarkTransfer(b *testing.B) {
	const n = 100_000
	s, err := Open(Config{Servers: zktest.Shared(b) + zktest.Root(b)})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	file := manyRecords(b, n)
	timed := func(what string, f func() error) {
		began := time.Now()
		if err := f(); err != nil {
			b.Fatalf("%s: %v", what, err)
		}
		b.ReportMetric(n/time.Since(began).Seconds(), what+"/s")
	}
	for b.Loop() {
		for _, what := range []string{"import", "again"} {
			timed(what, func() error {
				p, err := s.PlanImport(b.Context(), rewind(b, file), ImportOptions{To: "/t", NoACL: true})
				if err == nil {
					_, err = p.Apply(b.Context(), nil)
				}
				return err
			})
		}
		timed("export", func() error {
			_, err := s.Export(b.Context(), "/t", new(bytes.Buffer), ExportOptions{Fast: true, NoACL: true})
			return err
		})
		timed("export-with-ACLs", func() error {
			_, err := s.Export(b.Context(), "/t", new(bytes.Buffer), ExportOptions{Fast: true})
			return err
		})
		timed("rm", func() error {
			r, err := s.PlanRemove(b.Context(), []PathVersion{{"/t", -1}}, nil)
			if err == nil {
				_, err = r.Apply(b.Context(), nil)
			}
			return err
		})
	}
}
