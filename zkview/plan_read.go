package zkview

import (
	"context"
	"errors"

	"zkdeck/zkview/wire"

	"golang.org/x/sync/errgroup"
)

// readManyLimit is the longest reply that is held for one question about many
// znodes; what is longer is asked in halves.
const readManyLimit = 8 << 20

// readAnswer is what was found at a path: data and Stat, or an error about the path
// alone.
type readAnswer struct {
	data []byte
	stat Stat
	err  error
}

// readMany reads data and Stat of many znodes, by multiRead where the server knows
// it, otherwise by one request each. The answers stand in the order of paths, which
// have been checked and fit into a request each. The error is that of the
// connection.
func (s *Session) readMany(ctx context.Context, paths []string) ([]readAnswer, error) {
	if len(paths) == 0 {
		return nil, nil
	}
	ctx = Background(ctx)
	if len(paths) == 1 {
		return s.readEach(ctx, paths)
	}
	ops := make([]wire.ReadOp, len(paths))
	size := 0
	for i, path := range paths {
		ops[i] = wire.ReadOp{Code: wire.OpGetData, Path: s.servers.abs(path)}
		size += wire.OpSize(ops[i].Path)
	}
	if size > wire.MaxRequest/2 {
		return s.readHalves(ctx, paths)
	}
	results, err := askFor(ctx, s, featureMultiRead, "multiRead", paths[0],
		func(ctx context.Context, to server) ([]wire.ReadResult, error) {
			results, err := to.MultiRead(ctx, readManyLimit, ops...)
			if errors.Is(err, wire.ErrReplyTooLong) {
				return nil, nil // is told apart below
			}
			return results, err
		})
	switch {
	case errors.Is(err, ErrUnimplemented):
		return s.readEach(ctx, paths)
	case err != nil:
		return nil, err
	case results == nil:
		return s.readHalves(ctx, paths)
	}
	answers := make([]readAnswer, len(results))
	for i := range results {
		r := &results[i]
		if r.Err != 0 {
			answers[i].err = &OpError{"getData", paths[i], codeError(int32(r.Err))}
			continue
		}
		answers[i] = readAnswer{data: r.Data, stat: Stat(r.Stat)}
	}
	return answers, nil
}

func (s *Session) readHalves(ctx context.Context, paths []string) ([]readAnswer, error) {
	half := len(paths) / 2
	first, err := s.readMany(ctx, paths[:half])
	if err != nil {
		return nil, err
	}
	second, err := s.readMany(ctx, paths[half:])
	return append(first, second...), err
}

// readEach asks for one znode a request.
func (s *Session) readEach(ctx context.Context, paths []string) ([]readAnswer, error) {
	answers := make([]readAnswer, len(paths))
	err := inParallel(ctx, len(paths), func(ctx context.Context, i int) error {
		a := &answers[i]
		a.data, a.stat, a.err = s.Get(ctx, paths[i])
		if a.err != nil && !ofOne(a.err) {
			return a.err
		}
		return nil
	})
	return answers, err
}

// inParallel calls do for 0 to n-1, as many at a time as background calls may be
// under way, until one fails.
func inParallel(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	g, ctx := errgroup.WithContext(Background(ctx))
	workers := min(backgroundLimit, n)
	for w := range workers {
		g.Go(func() error {
			for i := w; i < n; i += workers {
				if err := do(ctx, i); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}
