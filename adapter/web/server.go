package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"sync/atomic"
	"time"

	toolkit "github.com/prometheus/exporter-toolkit/web"
)

// Limits of a connection. An answer must be on its way within writeTimeout, so
// that a client which does not read cannot hold one up for ever.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 30 * time.Second
	writeTimeout      = 60 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 64 << 10
	// stopTimeout is how long Serve waits for answers under way when its context
	// ends. Whoever wants to wait otherwise calls Shutdown.
	stopTimeout = 10 * time.Second
)

// Server answers HTTP on one listener, or on two where operations have one of their
// own.
type Server struct {
	options Options
	doors   []*door       // the main one first
	uploads chan struct{} // lists that are taken now
	served  atomic.Bool
	// cut ends the context of every request under way.
	cut context.CancelFunc
}

// door is one listener with what is answered on it.
type door struct {
	Listener
	listener net.Listener
	http     *http.Server
}

// New checks the options, the routes and the web configuration files, and binds the
// listeners: from then on the addresses are taken, but nobody is answered before
// Serve. A Server that is never served must be shut down.
func New(o Options) (*Server, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	base, cut := context.WithCancel(context.Background())
	s := &Server{options: o, uploads: make(chan struct{}, maxUploads), cut: cut}
	routes := s.Routes()
	err := checked(routes)
	if err == nil {
		err = s.open(base, routes)
	}
	if err != nil {
		cut()
		for _, d := range s.doors {
			err = errors.Join(err, closedIsFine(d.listener.Close()))
		}
		return nil, err
	}
	return s, nil
}

// open binds the listeners and says what each answers.
func (s *Server) open(base context.Context, routes []Route) error {
	main := Listener{Listen: s.options.Listen, ConfigFile: s.options.ConfigFile}
	if s.options.Operations == nil {
		return s.bind(base, main, "web.listen", routes)
	}
	var own, others []Route
	for _, r := range routes {
		if r.Operations {
			own = append(own, r)
		} else {
			others = append(others, r)
		}
	}
	return errors.Join(s.bind(base, main, "web.listen", others), s.bind(base, *s.options.Operations, "web.operations.listen", own))
}

func (s *Server) bind(base context.Context, l Listener, key string, routes []Route) error {
	if err := toolkit.Validate(l.ConfigFile); err != nil {
		return fmt.Errorf("web configuration %s: %s; the keys are those of the Prometheus exporter-toolkit, passwords are written as bcrypt", l.ConfigFile, withoutValues(err))
	}
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", l.Listen)
	if err != nil {
		return fmt.Errorf("web: listen on %s: %w; stop what uses the address, or choose another by %s", l.Listen, err, key)
	}
	d := &door{Listener: l, listener: listener}
	s.doors = append(s.doors, d)
	handler, err := s.handler(routes, newGuard(&s.options, &l, listener.Addr()))
	if err != nil {
		return err
	}
	d.http = &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeaderBytes,
		ErrorLog:       slog.NewLogLogger(s.options.Logger.Handler(), slog.LevelDebug), // broken handshakes of port scanners, mostly
		BaseContext:    func(net.Listener) context.Context { return base },
	}
	return nil
}

// yamlValue is what the YAML library quotes of a file; it may be a password.
var yamlValue = regexp.MustCompile("`[^`]*`")

func withoutValues(err error) string { return yamlValue.ReplaceAllString(err.Error(), "a value") }

// Addr is where the server listens.
func (s *Server) Addr() net.Addr { return s.doors[0].listener.Addr() }

// OperationsAddr is where operations are answered: Addr where they have no listener
// of their own.
func (s *Server) OperationsAddr() net.Addr { return s.doors[len(s.doors)-1].listener.Addr() }

// Serve answers until the server is shut down or ctx ends; in the latter case it
// waits up to ten seconds for answers under way. It returns nil after either, and
// may be called once. A listener that fails ends the other, too.
func (s *Server) Serve(ctx context.Context) error {
	if s.served.Swap(true) {
		return errors.New("web: served already")
	}
	s.warn()
	stopped := make(chan error, 1)
	undo := context.AfterFunc(ctx, func() {
		// ctx has ended: what is under way gets a time of its own.
		waiting, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
		defer cancel()
		stopped <- s.Shutdown(waiting)
	})
	failed := make(chan error, len(s.doors))
	for _, d := range s.doors {
		go func() { failed <- s.serve(d) }()
	}
	var err error
	for range s.doors {
		if fault := <-failed; fault != nil {
			err = errors.Join(err, fault)
			s.cut()
			for _, d := range s.doors { // the addresses are free again, whatever went wrong
				err = errors.Join(err, closedIsFine(d.http.Close()), closedIsFine(d.listener.Close()))
			}
		}
	}
	if !undo() {
		err = errors.Join(err, <-stopped)
	}
	return err
}

func (s *Server) serve(d *door) error {
	err := toolkit.Serve(d.listener, d.http, &toolkit.FlagConfig{WebConfigFile: &d.ConfigFile}, s.options.Logger)
	if err = closedIsFine(err); err != nil {
		return fmt.Errorf("web: serve on %s: %w", d.listener.Addr(), err)
	}
	return nil
}

// warn tells who can do what without saying who they are.
func (s *Server) warn() {
	for i, d := range s.doors {
		if loopback(d.listener.Addr()) || d.ConfigFile != "" {
			continue
		}
		what := "passwords and API tokens cross the network as plain text; give a web configuration file with TLS, or put a proxy with TLS in front"
		switch {
		case s.options.Gate == nil:
			what = "whoever reaches this address can read and reload; give a web configuration file with TLS and passwords, or listen on " + DefaultListen
		case i > 0:
			what = "whoever reaches this address can read the metrics; give a web configuration file with TLS and passwords, or listen on loopback"
		}
		s.options.Logger.Warn(what, "address", d.listener.Addr().String())
	}
}

// Shutdown takes no more requests and waits for the answers under way; when ctx
// ends before they are given, they are cut off and the error says so. The
// addresses are free afterwards, also if the server was never served.
func (s *Server) Shutdown(ctx context.Context) error {
	defer s.cut()
	ended := make(chan error, len(s.doors))
	for _, d := range s.doors {
		go func() {
			err := d.http.Shutdown(ctx)
			if err != nil {
				err = errors.Join(fmt.Errorf("web: answers under way cut off: %w", err), d.http.Close())
			}
			ended <- errors.Join(err, closedIsFine(d.listener.Close()))
		}()
	}
	var err error
	for range s.doors {
		err = errors.Join(err, <-ended)
	}
	return err
}

func closedIsFine(err error) error {
	if errors.Is(err, net.ErrClosed) || errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// Handler is what answers on the main listener, for tests that need no network.
func (s *Server) Handler() http.Handler { return s.doors[0].http.Handler }
