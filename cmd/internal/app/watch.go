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
	ctx    context.Context //nolint:containedctx // what a reload starts ends with the daemon, too; nil before Run
	cancel context.CancelFunc
	group  sync.WaitGroup
}

func (d *Daemon) startWatching(ctx context.Context) {
	d.watching.mu.Lock()
	d.watching.ctx = ctx //nolint:fatcontext // set once
	d.watching.mu.Unlock()
	d.rewatch()
}

// rewatch watches the workbooks of the configuration in force, and no others. It
// does not wait for those who watched before: a share that hangs may hold them.
func (d *Daemon) rewatch() {
	w := &d.watching
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cancel != nil {
		w.cancel()
	}
	if w.ctx == nil || w.ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithCancel(w.ctx)
	w.cancel = cancel
	app, done := d.current.take()
	if app == nil {
		return
	}
	var watched sync.WaitGroup
	for _, src := range app.sources {
		if reader, ok := src.reader.(watcher); ok {
			watched.Add(1)
			w.group.Go(func() {
				defer watched.Done()
				d.watch(ctx, src, reader)
			})
		}
	}
	w.group.Go(func() {
		watched.Wait()
		done()
	})
}

// watch asks for a poll whenever the source changed, until ctx ends.
func (d *Daemon) watch(ctx context.Context, src *source, reader watcher) {
	log := d.log.WithField("source", src.Name)
	err := reader.Watch(ctx, min(lookEvery, src.Poll.Every), func() {
		if err := d.queue.EnqueuePoll(ctx, nil, jobs.PollJob{Source: src.Name, Slot: d.now()}); err != nil && ctx.Err() == nil {
			log.WithError(err).Warn("it changed, but cannot be polled yet; the next poll by schedule will tell")
		}
	})
	if err != nil && ctx.Err() == nil {
		log.WithError(err).Warn("changes are not noticed; it is polled by schedule only")
	}
}

// stopWatching ends it.
func (d *Daemon) stopWatching() error {
	w := &d.watching
	w.mu.Lock()
	if w.cancel != nil {
		w.cancel()
	}
	w.mu.Unlock()
	return within(d.patience.last, "who watches a workbook", &w.group)
}
