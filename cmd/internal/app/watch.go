package app

import (
	"context"
	"sync"
	"time"

	"github.com/doisoat/doisoat/adapter/jobs"
)

// lookEvery is how often a workbook's folder is looked at where no event tells of
// a change, as on a network share.
const lookEvery = 10 * time.Second

// watcher is a source that tells when it changed.
type watcher interface {
	Watch(ctx context.Context, every time.Duration, changed func()) error
}

// watching are the goroutines that watch the workbooks of one configuration.
type watching struct {
	mu     sync.Mutex
	ctx    context.Context //nolint:containedctx // what a reload starts ends with the daemon, too
	cancel context.CancelFunc
	group  sync.WaitGroup
}

func (d *Daemon) startWatching(ctx context.Context) {
	d.watching = &watching{ctx: ctx}
	d.rewatch()
}

// rewatch watches the workbooks of the configuration in force, and no others.
func (d *Daemon) rewatch() {
	w := d.watching
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cancel != nil {
		w.cancel()
		w.group.Wait()
	}
	if w.ctx.Err() != nil {
		return
	}
	var ctx context.Context
	ctx, w.cancel = context.WithCancel(w.ctx)
	app, done := d.current.take()
	defer done()
	for _, src := range app.sources {
		reader, ok := src.reader.(watcher)
		if !ok {
			continue
		}
		log := d.log.WithField("source", src.Name)
		w.group.Go(func() {
			err := reader.Watch(ctx, min(lookEvery, src.Poll.Every), func() {
				if err := d.queue.EnqueuePoll(ctx, nil, jobs.PollJob{Source: src.Name, Slot: now()}); err != nil && ctx.Err() == nil {
					log.WithError(err).Warn("it changed, but cannot be polled yet; the next poll by schedule will tell")
				}
			})
			if err != nil && ctx.Err() == nil {
				log.WithError(err).Warn("changes are not noticed; it is polled by schedule only")
			}
		})
	}
}

func (d *Daemon) stopWatching() {
	w := d.watching
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cancel != nil {
		w.cancel()
	}
	w.group.Wait()
}
