package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"
)

// DefaultListen is where the server listens if nothing else is said: reachable
// from this machine only.
const DefaultListen = "127.0.0.1:8080"

// Options is what a Server is built from.
type Options struct {
	// Listen is host:port; "" is DefaultListen. Port 0 takes any free one.
	Listen string
	// ConfigFile is a web configuration of the Prometheus exporter-toolkit, with
	// TLS, passwords (bcrypt) and headers; "" serves plain HTTP to whoever asks.
	// It is read anew for every connection and request.
	ConfigFile string
	// Hosts are names, without port, by which clients may address this server
	// besides those of guard.go: that of a reverse proxy, say.
	Hosts []string
	// Operations, if set, is where /metrics and /-/ are served, and nowhere else.
	Operations *Listener
	// Version is the program's, for the landing page and the validators of answers.
	Version string

	Backend Backend
	// Gate tells who asks. nil: there is nobody to sign in, and everybody is an
	// operator who may read.
	Gate Gate
	// Pages are what people see; nil leaves a plain page of links at /.
	Pages Pages
	// Zone is that of the configuration, by which days are understood; nil is that of
	// Vietnam.
	Zone func() *time.Location
	// Metrics answers /metrics.
	Metrics http.Handler
	// Ready returns nil, or in words why the process cannot answer yet. It is
	// asked before every answer of the API, so it must be quick.
	Ready func(context.Context) error
	// Reload reads the configuration again. On an error the old one must be in
	// force still. It may be called while an earlier call has not returned. nil:
	// there is nothing to read again, and /-/reload answers 404.
	Reload func(context.Context) error
	// Instrument wraps the handler of each route for counting; nil leaves it as it
	// is. name is one of HandlerNames; notFoundName's is wrapped once a listener.
	Instrument func(name string, next http.Handler) http.Handler
	Logger     *slog.Logger
}

// Listener is an address with its own web configuration file, both as in Options.
type Listener struct {
	Listen     string
	ConfigFile string
}

// vietnamTime: Vietnam has had no other time since 1975.
var vietnamTime = time.FixedZone("+07", 7*60*60)

func (o *Options) complete() error {
	if o.Listen == "" {
		o.Listen = DefaultListen
	}
	if o.Instrument == nil {
		o.Instrument = func(_ string, next http.Handler) http.Handler { return next }
	}
	if o.Zone == nil {
		o.Zone = func() *time.Location { return vietnamTime }
	}
	missing := func(is bool, what string) error {
		if is {
			return errors.New("web: options lack " + what)
		}
		return nil
	}
	return errors.Join(
		missing(o.Backend == nil, "Backend"), missing(o.Metrics == nil, "Metrics"),
		missing(o.Operations != nil && o.Operations.Listen == "", "Operations.Listen"), missing(o.Ready == nil, "Ready"), missing(o.Logger == nil, "Logger"),
	)
}
