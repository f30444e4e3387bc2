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

// Server answers HTTP on one listener.
type Server struct {
	options  Options
	listener net.Listener
	http     *http.Server
	served   atomic.Bool
	// cut ends the context of every request under way.
	cut context.CancelFunc
}

// New checks the options and the web configuration file, and binds the listener:
// from then on the address is taken, but nobody is answered before Serve. A
// Server that is never served must be shut down.
func New(o Options) (*Server, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	if err := toolkit.Validate(o.ConfigFile); err != nil {
		return nil, fmt.Errorf("web configuration %s: %s; the keys are those of the Prometheus exporter-toolkit, passwords are written as bcrypt", o.ConfigFile, withoutValues(err))
	}
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("web: listen on %s: %w; stop what uses the address, or choose another by web.listen", o.Listen, err)
	}
	base, cut := context.WithCancel(context.Background())
	s := &Server{options: o, listener: listener, cut: cut}
	s.http = &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeaderBytes,
		ErrorLog:       slog.NewLogLogger(o.Logger.Handler(), slog.LevelDebug), // broken handshakes of port scanners, mostly
		BaseContext:    func(net.Listener) context.Context { return base },
	}
	return s, nil
}

// yamlValue is what the YAML library quotes of a file; it may be a password.
var yamlValue = regexp.MustCompile("`[^`]*`")

func withoutValues(err error) string { return yamlValue.ReplaceAllString(err.Error(), "a value") }

// Addr is where the server listens.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Serve answers until the server is shut down or ctx ends; in the latter case it
// waits up to ten seconds for answers under way. It returns nil after either, and
// may be called once.
func (s *Server) Serve(ctx context.Context) error {
	if s.served.Swap(true) {
		return errors.New("web: served already")
	}
	if !loopback(s.Addr()) && s.options.ConfigFile == "" {
		s.options.Logger.Warn("whoever reaches this address can read and reload; give a web configuration file with TLS and passwords, or listen on "+DefaultListen,
			"address", s.Addr().String())
	}
	stopped := make(chan error, 1)
	undo := context.AfterFunc(ctx, func() {
		// ctx has ended: what is under way gets a time of its own.
		waiting, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
		defer cancel()
		stopped <- s.Shutdown(waiting)
	})
	err := toolkit.Serve(s.listener, s.http, &toolkit.FlagConfig{WebConfigFile: &s.options.ConfigFile}, s.options.Logger)
	if !undo() {
		err = errors.Join(closedIsFine(err), <-stopped)
	}
	if err = closedIsFine(err); err != nil {
		// The address is free again, whatever went wrong.
		s.cut()
		return fmt.Errorf("web: serve on %s: %w", s.Addr(), errors.Join(err, closedIsFine(s.listener.Close())))
	}
	return nil
}

// Shutdown takes no more requests and waits for the answers under way; when ctx
// ends before they are given, they are cut off and the error says so. The address
// is free afterwards, also if the server was never served.
func (s *Server) Shutdown(ctx context.Context) error {
	defer s.cut()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(fmt.Errorf("web: answers under way cut off: %w", err), s.http.Close())
	}
	return errors.Join(err, closedIsFine(s.listener.Close()))
}

func closedIsFine(err error) error {
	if errors.Is(err, net.ErrClosed) || errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
