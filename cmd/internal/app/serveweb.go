package app

import (
	"cmp"
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/adapter/web/pages"
	"github.com/doisoat/doisoat/cmd/internal/config"
)

// demoUser is whom the demo takes everybody for who asks from this machine itself.
var demoUser = access.Principal{Name: "demo", Display: "Người dùng thử", Role: access.Operator, Via: access.ViaDemo}

// openWeb binds the address and prepares all that is answered there.
func (d *Daemon) openWeb(cfg *config.Config) error {
	log := slog.New(slogHandler{log: d.log})
	listen := cmp.Or(d.o.Listen, cfg.Web.Listen)
	var demo *access.Principal
	if d.o.Demo {
		who := demoUser
		demo = &who
	}
	var err error
	if d.gate, err = access.New(access.Options{
		Store: accessStore{d.store}, Clock: d.now, Logger: log, Loopback: onLoopback(listen), Demo: demo,
		OIDC: oidcConfig(cfg.Web.Access.OIDC), Proxy: proxyConfig(cfg.Web.Access.Proxy),
		SessionIdle: cfg.Web.Access.Session.Idle, SessionMax: cfg.Web.Access.Session.Max,
		Lockout: access.Lockout{Failures: cfg.Web.Access.Lockout.Failures, For: cfg.Web.Access.Lockout.For},
	}); err != nil {
		return err
	}
	shown, err := pages.New(pages.Options{
		Backend: backend{d}, SignIn: d.gate, Zone: cfg.Zone, Version: d.o.Version, Organisation: cfg.Web.Title, Demo: d.o.Demo,
		Clock: d.asOf, Provider: d.provider, Logger: log,
	})
	if err != nil {
		return err
	}
	o := web.Options{
		Listen: listen, ConfigFile: cfg.Web.ConfigFile, Hosts: cfg.Web.Hosts, Version: d.o.Version, Gate: d.gate, Pages: shown,
		Zone: d.zone, Backend: backend{d}, Metrics: d.onceLoaded(d.metrics.Handler()), Ready: d.readyNow, Reload: d.Reload,
		Instrument: func(name string, next http.Handler) http.Handler { return d.metrics.Instrument(name, next) },
		Logger:     log,
	}
	if op := cfg.Web.Operations; op != nil {
		o.Operations = &web.Listener{Listen: op.Listen, ConfigFile: op.ConfigFile}
	}
	d.web, err = web.New(o)
	return err
}

// provider is what the button of the identity provider says.
func (d *Daemon) provider() string {
	app, done := d.current.take()
	defer done()
	if app == nil || app.Config.Web.Access.OIDC == nil {
		return ""
	}
	return app.Config.Web.Access.OIDC.Name
}

// sweepEvery is how often sessions are deleted that have ended.
const sweepEvery = time.Hour

// sweepSessions deletes them until ctx ends.
func (d *Daemon) sweepSessions(ctx context.Context) error {
	for {
		if err := d.gate.Sweep(ctx); err != nil && ctx.Err() == nil {
			d.log.WithError(err).Warn("sessions that have ended stay until the next look")
		}
		if err := wait(ctx, sweepEvery); err != nil {
			return nil //nolint:nilerr // ended
		}
	}
}

// zone is that of the configuration in force.
func (d *Daemon) zone() *time.Location {
	app, done := d.current.take()
	defer done()
	if app == nil {
		return time.UTC // the process is about to end
	}
	return app.Config.Zone
}

// onLoopback reports whether an address to listen at is this machine's own.
func onLoopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
