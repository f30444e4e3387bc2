package rest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	"github.com/sirupsen/logrus"
	"golang.org/x/time/rate"

	"github.com/doisoat/doisoat/reconcile"
)

// client makes requests: retries, rate, redirects, TLS. It knows nothing of
// tokens or pages.
type client struct {
	http      *retryablehttp.Client
	transport *http.Transport
	limiter   *rate.Limiter // nil: no limit
	places    chan struct{} // of requests at once
	decoders  chan struct{} // of replies being decoded at once
	pace      pace
	retries   int
	maxBytes  int64
	now       func() time.Time
	notBefore atomic.Int64 // Unix nanoseconds; a server asked all of us to wait until then
}

const (
	defaultConcurrency  = 4
	defaultTimeout      = 30 * time.Second
	defaultRetries      = 5
	defaultMaxPageBytes = 32 << 20
)

func newClient(cfg Config, log logrus.FieldLogger, p pace) (*client, error) {
	tlsConfig, err := newTLS(cfg.TLS)
	if err != nil {
		return nil, err
	}
	limits := cfg.Limits
	if limits.Concurrency <= 0 {
		limits.Concurrency = defaultConcurrency
	}
	if limits.Timeout <= 0 {
		limits.Timeout = defaultTimeout
	}
	if limits.Retries == 0 {
		limits.Retries = defaultRetries
	}
	if limits.MaxPageBytes <= 0 {
		limits.MaxPageBytes = defaultMaxPageBytes
	}
	c := &client{
		places: make(chan struct{}, limits.Concurrency), pace: p,
		// One processor is left to the network: a reply that waits to be read, and
		// with it the next request, costs more than one that waits to be decoded.
		decoders: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)-1)),
		retries:  limits.Retries, maxBytes: limits.MaxPageBytes, now: time.Now,
	}
	if limits.PerSecond > 0 {
		c.limiter = rate.NewLimiter(rate.Limit(limits.PerSecond), 1)
	}
	c.transport = &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:       tlsConfig,
		TLSHandshakeTimeout:   10 * time.Second,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          limits.Concurrency + 2,
		MaxIdleConnsPerHost:   limits.Concurrency + 1,
		IdleConnTimeout:       90 * time.Second,
		ExpectContinueTimeout: time.Second,
		ReadBufferSize:        64 << 10, // pages come in pieces of a few kB
	}
	c.http = &retryablehttp.Client{
		HTTPClient: &http.Client{
			Transport:     counting{agent: cfg.Agent, next: c.transport},
			Timeout:       limits.Timeout, // of one try, its body included
			CheckRedirect: checkRedirect,
		},
		Logger:       debugLog{log},
		RetryWaitMin: p.min,
		RetryWaitMax: p.max,
		// How often is decided in retry, which knows the waits a server asked for.
		RetryMax:     1 << 30,
		CheckRetry:   c.retry,
		Backoff:      c.backoff,
		PrepareRetry: func(req *http.Request) error { return c.admit(req.Context()) },
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	return c, nil
}

// do makes a request, with retries, reads a good reply's body into p and has it
// judged. What judge returns is retried if it is transient.
func (c *client) do(ctx context.Context, req *retryablehttp.Request, p *page, judge func(*http.Response) error) error {
	inner, tries := c.withAttempts(ctx)
	defer tries.leave()
	if err := c.admit(inner); err != nil {
		return asFault(err)
	}
	req.SetResponseHandler(func(resp *http.Response) error {
		if resp.StatusCode >= 200 && resp.StatusCode < 300 {
			if err := c.read(resp, p); err != nil {
				return err
			}
			tries.leave()
			return judge(resp)
		}
		f := statusFault(resp.StatusCode, http.StatusText(resp.StatusCode))
		if wait, asked := retryAfter(resp, c.now()); asked && wait > c.pace.longest {
			f = faultf(reconcile.CauseRateLimited, "the server asks to wait %s (%d with Retry-After), longer than a poll does; poll later, or less often", wait.Round(time.Second), resp.StatusCode)
		}
		return f
	})
	req.Request = req.Request.WithContext(inner)
	resp, err := c.http.Do(req)
	if resp != nil {
		_ = resp.Body.Close() // read to its end, or not worth reading
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		f := asFault(err)
		f.worn = f.expired && tries.repeated(c.retries)
		return f
	}
	return nil
}

// decode parses a page when it is its turn.
func (c *client) decode(p *page, s *shape, seed uint64) *Fault {
	c.decoders <- struct{}{}
	defer func() { <-c.decoders }()
	return p.parse(s, seed)
}

// admit waits until a request may be made: for a place, for a pause that the
// server asked for, then for the rate. The pause is looked at with the place
// taken: it may have been asked for meanwhile.
func (c *client) admit(ctx context.Context) error {
	if a, ok := ctx.Value(attemptsKey{}).(*attempts); ok {
		if err := a.enter(ctx); err != nil {
			return err
		}
	}
	for {
		wait := time.Duration(c.notBefore.Load() - c.now().UnixNano())
		if wait <= 0 {
			break
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
	}
	if c.limiter == nil {
		return ctx.Err()
	}
	return c.limiter.Wait(ctx)
}

// holdBack makes all workers wait: a 429 is meant for the client, not for one
// of its connections.
func (c *client) holdBack(wait time.Duration) {
	until := c.now().Add(wait).UnixNano()
	for {
		old := c.notBefore.Load()
		if old >= until || c.notBefore.CompareAndSwap(old, until) {
			return
		}
	}
}

func (c *client) close() { c.transport.CloseIdleConnections() }

// checkRedirect follows a redirect on the same host only. Our headers and
// bodies carry secrets, and net/http drops but a few of them on its own.
func checkRedirect(req *http.Request, via []*http.Request) error {
	first := via[0]
	switch {
	case len(via) >= 5:
		return faultf(reconcile.CauseSchema, "redirected in a circle; check url and path")
	case !sameOrigin(req.URL, first.URL) && !upgraded(first.URL, req.URL):
		return faultf(reconcile.CauseSchema, "redirected to another host (%s), which gets none of our credentials; if it is the right one, give it as url", req.URL.Host)
	case req.Method != first.Method:
		return faultf(reconcile.CauseSchema, "a %s was redirected and would lose its body; give the final address as url and path", first.Method)
	}
	return nil
}

// upgraded reports a redirect from http to https of the same host.
func upgraded(from, to *url.URL) bool {
	return from.Scheme == "http" && to.Scheme == "https" && from.Hostname() == to.Hostname()
}

func newTLS(t TLS) (*tls.Config, error) {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: t.ServerName}
	var problems []error
	if t.CAFile != "" {
		pem, err := os.ReadFile(t.CAFile)
		switch {
		case err != nil:
			problems = append(problems, fmt.Errorf("tls.ca_file: %w", err))
		default:
			cfg.RootCAs = x509.NewCertPool()
			if !cfg.RootCAs.AppendCertsFromPEM(pem) {
				problems = append(problems, fmt.Errorf("tls.ca_file: %s holds no PEM certificate", t.CAFile))
			}
		}
	}
	switch {
	case (t.CertFile == "") != (t.KeyFile == ""):
		problems = append(problems, errors.New("tls: cert_file and key_file go together; give both or neither"))
	case t.CertFile != "":
		if _, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile); err != nil {
			problems = append(problems, fmt.Errorf("tls.cert_file and tls.key_file: %w", err))
		}
		// Read at each handshake, so that a renewed certificate needs no restart.
		cfg.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			cert, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
			return &cert, err
		}
	}
	return cfg, errors.Join(problems...)
}
