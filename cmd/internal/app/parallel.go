package app

import (
	"context"
	"maps"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// inParallel does n pieces of work on all processors. worker is called once a
// goroutine, and gives what does a piece and what ends it; the first error ends
// all.
func inParallel(ctx context.Context, n int, worker func() (do func(ctx context.Context, i int) error, end func())) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		workers.Go(func() {
			do, end := worker()
			defer end()
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := do(ctx, i); err != nil {
					cancel(err)
				}
			}
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}

// sideBySide makes n results on all processors and takes them one at a time, in
// any order; the first error ends all.
func sideBySide[T any](ctx context.Context, n int, do func(ctx context.Context, i int) (T, error), take func(T) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	results := make(chan T)
	done := make(chan error, 1)
	go func() {
		done <- inParallel(ctx, n, func() (func(context.Context, int) error, func()) {
			return func(ctx context.Context, i int) error {
				result, err := do(ctx, i)
				if err != nil {
					return err
				}
				select {
				case results <- result:
					return nil
				case <-ctx.Done():
					return context.Cause(ctx)
				}
			}, func() {}
		})
		close(results)
	}()
	var failed error
	for result := range results {
		if failed == nil {
			if failed = take(result); failed != nil {
				cancel(failed)
			}
		}
	}
	if err := <-done; err != nil {
		return err
	}
	return failed
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
