package app

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

// tenancy hands out the App of the configuration in force, and closes one that
// was replaced when its last user is done.
type tenancy struct {
	mu  sync.Mutex
	app *App
	use *sync.WaitGroup
	// ended: none is put in force any more.
	ended bool
	// replaced are those that are not closed yet.
	replaced sync.WaitGroup
}

// take gives the App in force, nil after end; done must be called when it is no
// longer used.
func (t *tenancy) take() (app *App, done func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.app == nil {
		return nil, func() {}
	}
	use := t.use
	use.Add(1)
	return t.app, sync.OnceFunc(use.Done)
}

// errEnding is returned where the process is about to end.
var errEnding = errors.New("the process is about to end")

// swap puts app in force. The one before is closed once nobody uses it.
func (t *tenancy) swap(app *App) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		return errEnding
	}
	was, use := t.app, t.use
	t.app, t.use = app, &sync.WaitGroup{}
	if was == nil {
		return nil
	}
	t.replaced.Go(func() {
		use.Wait()
		if err := was.Close(); err != nil {
			was.log.WithError(err).Warn("close the sources of the configuration before")
		}
	})
	return nil
}

// end closes the App in force, and waits for those before. What is still in use
// after the limit is left open, since nothing must be closed under its user.
func (t *tenancy) end(limit time.Duration) error {
	t.mu.Lock()
	was, use := t.app, t.use
	t.app, t.ended = nil, true
	t.mu.Unlock()
	var err error
	if was != nil {
		if err = within(limit, "what reads a source", use); err == nil {
			err = was.Close()
		}
	}
	if late := within(limit, "what reads a source of the configuration before", &t.replaced); late != nil {
		err = errors.Join(err, late)
	}
	if err != nil {
		err = fmt.Errorf("sources: %w", err)
	}
	return err
}
