package web

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

const (
	// maxBody bounds what a request may bring along; no route needs any of it.
	maxBody = 64 << 10
	// retryAfter is how soon, in seconds, asking again makes sense while starting.
	retryAfter = 5
)

// guard refuses requests before a handler sees them.
type guard struct {
	ready func(context.Context) error
	// loopback: the listener is reachable from this machine only. A page on any
	// web site could then still reach it through the reader's browser, by a name
	// that it lets point here; such a request carries that name as its Host.
	loopback bool
	hosts    []string
	origins  *http.CrossOriginProtection
}

func newGuard(o *Options, addr net.Addr) *guard {
	g := &guard{ready: o.Ready, loopback: loopback(addr), origins: http.NewCrossOriginProtection()}
	for _, host := range o.Hosts {
		g.hosts = append(g.hosts, hostName(host))
	}
	return g
}

func loopback(addr net.Addr) bool {
	tcp, ok := addr.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// before checks what r asks for, cheapest and strictest first.
func (g *guard) before(r *route, serve http.HandlerFunc) http.Handler {
	return g.named(func(w http.ResponseWriter, req *http.Request) {
		if !r.takes(req.Method) {
			w.Header().Set("Allow", r.allow())
			problem{Status: http.StatusMethodNotAllowed, Detail: req.Method + " is not for this path; use " + r.allow()}.write(w, req)
			return
		}
		// Safe methods pass. A browser names the page that asks; curl does not, and
		// has no reader's cookies or passwords to abuse.
		if err := g.origins.Check(req); err != nil {
			problem{Status: http.StatusForbidden, Detail: "another web site asked for this: " + err.Error()}.write(w, req)
			return
		}
		if r.access == accessReady {
			if err := g.ready(req.Context()); err != nil {
				w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
				problem{Status: http.StatusServiceUnavailable, Detail: "not ready: " + err.Error()}.write(w, req)
				return
			}
		}
		serve(w, req)
	})
}

// named checks the name by which the server was addressed, and bounds the body.
func (g *guard) named(serve http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if !g.knows(req.Host) {
			problem{Status: http.StatusForbidden, Detail: "this server does not go by the name in the Host header; add the name to web.hosts if it is meant to"}.write(w, req)
			return
		}
		req.Body = http.MaxBytesReader(w, req.Body, maxBody)
		serve(w, req)
	})
}

// knows reports whether host is a name of this server. Addresses cannot be made
// to point elsewhere as names can: on loopback its own are known, elsewhere all.
// Elsewhere, without configured names, any name will do: the network decides who
// gets here, and the names by which monitoring finds its way are legion.
func (g *guard) knows(host string) bool {
	name := hostName(host)
	ip, err := netip.ParseAddr(name)
	switch {
	case name == "": // HTTP/1.0, as some health checks speak it; no browser does
		return true
	case slices.Contains(g.hosts, name), name == "localhost":
		return true
	case g.loopback:
		return err == nil && ip.IsLoopback()
	}
	return err == nil || len(g.hosts) == 0
}

// hostName is a Host header without port, brackets, root dot and case.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.ToLower(strings.TrimSuffix(host, "."))
}
