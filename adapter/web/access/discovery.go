package access

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

const (
	providerTimeout = 10 * time.Second
	// rediscoverAfter is how long a provider's own description holds.
	rediscoverAfter = time.Hour
	// askAgainAfter keeps people who wait from asking a provider that is down.
	askAgainAfter     = 5 * time.Second
	maxProviderAnswer = 1 << 20
)

// discovery knows the provider's endpoints. It asks when somebody wants to sign in:
// a provider that is down while this service starts is no fault of it.
type discovery struct {
	issuer string
	client *http.Client
	now    func() time.Time
	log    *slog.Logger
	turn   chan struct{} // one asks, the others wait

	// What is known is read and written by whose turn it is.
	known   *oidc.Provider
	at      time.Time
	failure error
	failed  time.Time
}

func newDiscovery(issuer string, client *http.Client, now func() time.Time, log *slog.Logger) *discovery {
	bounded := http.Client{Timeout: providerTimeout}
	if client != nil {
		bounded = *client
	}
	if bounded.Transport == nil {
		bounded.Transport = http.DefaultTransport
	}
	bounded.Transport = boundedAnswers{bounded.Transport}
	return &discovery{issuer: issuer, client: &bounded, now: now, log: log, turn: make(chan struct{}, 1)}
}

// with is ctx for calls of the provider.
func (d *discovery) with(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, d.client)
}

// provider is what is known of it; it is asked where that is nothing, or old. An
// error is a *Denied, or the context's.
func (d *discovery) provider(ctx context.Context) (*oidc.Provider, error) {
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	now := d.now()
	if d.known != nil && now.Sub(d.at) < rediscoverAfter {
		return d.known, nil
	}
	if now.Sub(d.failed) < askAgainAfter {
		if d.known != nil {
			return d.known, nil
		}
		return nil, noProvider(d.failure)
	}
	// It serves those who wait, too: whoever asked first may go away.
	asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), providerTimeout)
	defer cancel()
	found, err := oidc.NewProvider(d.with(asking), d.issuer)
	if err == nil && (found.Endpoint().AuthURL == "" || found.Endpoint().TokenURL == "") {
		err = errors.New("its description names no authorization or token endpoint")
	}
	if err != nil {
		d.failure, d.failed = fmt.Errorf("discover %s: %s; look whether it can be reached from here and whether issuer is written as it names itself", d.issuer, short(err)), d.now()
		d.log.WarnContext(ctx, "identity provider cannot be discovered", "error", d.failure)
		if d.known != nil {
			return d.known, nil // keys are fetched apart; the endpoints seldom move
		}
		return nil, noProvider(d.failure)
	}
	d.known, d.at, d.failure, d.failed = found, d.now(), nil, time.Time{}
	return found, nil
}

// short cuts an error that quotes an answer: it may be a whole page.
func short(err error) string {
	const most = 300
	text := err.Error()
	if len(text) > most {
		text = text[:most] + "…"
	}
	return fmt.Sprintf("%q", text)
}

// asked tells what went wrong with a request to the token endpoint, and whose fault
// it is. The answer's body is left out: it is the provider's, and may quote ours.
func asked(err error) error {
	var answer *oauth2.RetrieveError
	if !errors.As(err, &answer) {
		return noProvider(fmt.Errorf("exchange the code: %s", short(err)))
	}
	cause := fmt.Errorf("exchange the code: %s, error %q", answer.Response.Status, answer.ErrorCode)
	if answer.Response.StatusCode >= http.StatusInternalServerError {
		return noProvider(cause)
	}
	return refusedLogin(cause)
}

// boundedAnswers cuts answers off that would fill the memory.
type boundedAnswers struct{ next http.RoundTripper }

// RoundTrip asks by next.
func (b boundedAnswers) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	response.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(response.Body, maxProviderAnswer), response.Body}
	return response, nil
}

func onLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}
