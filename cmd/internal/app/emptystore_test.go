package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"

	"github.com/doisoat/doisoat/adapter/jobs"
	"github.com/doisoat/doisoat/adapter/store"
)

// emptyStore is a migrated database with nothing in it, as a file. Making one takes
// longer than most tests.
var emptyStore = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "doisoat-rig")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path, ctx := filepath.Join(dir, "doisoat.db"), context.Background()
	kept, err := store.Open(ctx, "sqlite:"+path, store.Options{Migrate: true})
	if err != nil {
		return nil, err
	}
	queue, err := jobs.OpenSQLite(path)
	if err == nil {
		err = errors.Join(jobs.Migrate(ctx, queue, jobs.SQLite), queue.Close())
	}
	if err := errors.Join(err, kept.Close()); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})
