package rest

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// pace is how long to wait between tries; tests shorten it.
type pace struct {
	min, max  time.Duration // back-off: min, doubled with each try, max at most
	longest   time.Duration // the longest single wait a server may ask for
	waitTotal time.Duration // of all the waits it asks for on one request
}

func defaultPace() pace {
	return pace{min: 250 * time.Millisecond, max: 4 * time.Second, longest: 2 * time.Minute, waitTotal: 10 * time.Minute}
}

// attempts travels in a request's context through go-retryablehttp. It belongs
// to one goroutine.
type attempts struct {
	left   int           // tries that remain after a failure
	waited time.Duration // waits that the server asked for
	never  bool          // no retries at all: limits.retries is negative
	places chan struct{} // of requests at once
	placed bool          // this try holds one
}

// enter takes a place for one try, until its body has been read. Neither the
// waits between tries nor the decoding of a reply keep others from theirs.
func (a *attempts) enter(ctx context.Context) error {
	select {
	case a.places <- struct{}{}:
		a.placed = true
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// repeated reports whether the request was made more than once.
func (a *attempts) repeated(retries int) bool { return a.waited > 0 || a.left < max(retries, 0) }

func (a *attempts) leave() {
	if a.placed {
		a.placed = false
		<-a.places
	}
}

type attemptsKey struct{}

func (c *client) withAttempts(ctx context.Context) (context.Context, *attempts) {
	a := &attempts{left: max(c.retries, 0), never: c.retries < 0, places: c.places}
	return context.WithValue(ctx, attemptsKey{}, a), a
}

// retry decides whether the same request is made again. It is asked once with
// the reply's status and, if that was good, once more when the body has been
// read. Waits that the server asked for (Retry-After) do not use up tries:
// whoever keeps to them gets there in the end.
func (c *client) retry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	a, ok := ctx.Value(attemptsKey{}).(*attempts)
	if ok && (err != nil || resp.StatusCode >= 300) {
		a.leave()
	}
	switch {
	case ctx.Err() != nil:
		return false, ctx.Err()
	case !ok || a.never:
		return false, nil
	}
	if err != nil {
		if !asFault(err).transient {
			return false, nil
		}
	} else {
		if !worthRetrying(resp.StatusCode) {
			return false, nil
		}
		if wait, asked := retryAfter(resp, c.now()); asked {
			if wait > c.pace.longest || a.waited+wait > c.pace.waitTotal {
				return false, nil
			}
			c.holdBack(wait)
			// "Retry-After: 0" for ever must not be for ever.
			if a.waited += wait; wait > 0 {
				return true, nil
			}
		}
	}
	if a.left == 0 {
		return false, nil
	}
	a.left--
	return true, nil
}

func worthRetrying(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported:
		return false
	}
	return status >= 500
}

// backoff is how long to wait before try number n (from 0) is repeated: what
// the server asked for, else twice as long each time, the upper half of it by
// chance so that workers do not come back in step.
func (c *client) backoff(shortest, longest time.Duration, n int, resp *http.Response) time.Duration {
	if wait, asked := retryAfter(resp, c.now()); asked && wait <= c.pace.longest {
		return wait + rand.N(shortest/4+1)
	}
	wait := shortest << min(n, 16)
	wait = min(wait, longest)
	return wait/2 + rand.N(wait/2+1)
}

// retryAfter reads the header of a 429 or 503: seconds, or a date. A date is
// taken against the server's own Date, whatever its clock says.
func retryAfter(resp *http.Response, now time.Time) (time.Duration, bool) {
	if resp == nil || resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode != http.StatusServiceUnavailable {
		return 0, false
	}
	text := strings.TrimSpace(resp.Header.Get("Retry-After"))
	if text == "" {
		return 0, false
	}
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		if !(seconds >= 0 && seconds <= 1e8) { // nor NaN
			return 0, false
		}
		return time.Duration(seconds * float64(time.Second)), true
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0, false
	}
	if server, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		now = server
	}
	return max(at.Sub(now), 0), true
}
