package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

// storeKind is a kind of store. open makes an empty one and tells its URL.
type storeKind struct {
	name string
	open func(ctx context.Context) (url string, close func() error, err error)
}

func storeKinds(s *sample) []storeKind {
	sqlite := 0
	return []storeKind{
		{"SQLite", func(context.Context) (string, func() error, error) {
			sqlite++
			return "sqlite:" + filepath.Join(s.dir, fmt.Sprintf("store-%d.db", sqlite)), noClosing, nil
		}},
		{"PostgreSQL", func(ctx context.Context) (string, func() error, error) {
			p, err := postgresPeer(ctx)
			if err != nil {
				return "", nil, err
			}
			return p.url, p.close, nil
		}},
	}
}

func storeRates(ctx context.Context, s *sample, runs int) ([]rate, error) {
	var list []rate
	for _, k := range storeKinds(s) {
		r, err := storeRate(ctx, k, s, runs)
		if err != nil {
			return nil, fmt.Errorf("store %s: %w", k.name, err)
		}
		list = append(list, r)
	}
	return list, nil
}

func storeRate(ctx context.Context, k storeKind, s *sample, runs int) (rate, error) {
	r := rate{Name: k.name}
	var first, again []float64
	for range runs {
		f, a, err := storeOnce(ctx, k, s)
		if errors.Is(err, errAbsent) {
			r.Absent = err.Error()
			return r, nil
		}
		if err != nil {
			return r, err
		}
		first, again = append(first, f), append(again, a)
	}
	r.New, r.Known = median(first), median(again)
	return r, nil
}

// storeOnce takes the sample into an empty store, and then once more.
func storeOnce(ctx context.Context, k storeKind, s *sample) (first, again float64, err error) {
	url, end, err := k.open(ctx)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, end()) }()
	st, err := store.Open(ctx, url, store.Options{Migrate: true, TempDir: s.dir})
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	prints := make([]uint64, len(s.rows))
	for i, row := range s.rows {
		prints[i] = xxhash.Sum64String(strings.Join(row, "\x00"))
	}
	if first, err = timed(len(s.rows), 1, func() error { return takeIn(ctx, st, s, prints, len(s.rows)) }); err != nil {
		return 0, 0, err
	}
	again, err = timed(len(s.rows), 1, func() error { return takeIn(ctx, st, s, prints, 0) })
	return first, again, err
}

// takeIn hands the sample to the store as a source would. fresh is how many of
// the rows must be new to it.
func takeIn(ctx context.Context, st *store.Store, s *sample, prints []uint64, fresh int) (err error) {
	started := time.Now()
	departmentOf := func(values []string) string { return values[department] }
	in, err := st.Begin(ctx, store.SourceRef{
		Name: "bench", Side: reconcile.Platform, Layout: store.Layout{Digest: "bench", Inputs: s.columns},
	}, departmentOf)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	added := 0
	for i, values := range s.rows {
		if in.Seen(prints[i]) {
			continue
		}
		added++
		if err := in.Add(&store.Row{Code: values[0], Fingerprint: prints[i], Values: values, Department: departmentOf(values)}); err != nil {
			return err
		}
	}
	snap, err := in.Finish(ctx, reconcile.Poll{
		Mode: reconcile.Full, StartedAt: started, EndedAt: time.Now(), EndReached: true, DeclaredTotal: len(s.rows), Pages: 1,
	}, reconcile.DefaultShrink)
	switch {
	case err != nil:
		return err
	case snap.State != reconcile.SnapshotAccepted:
		return fmt.Errorf("the snapshot is %s: %s", snap.State, snap.Reason)
	case added != fresh:
		return fmt.Errorf("%d rows were new, %d should have been", added, fresh)
	}
	return nil
}
