package web

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/doisoat/doisoat/adapter/web/access"
)

const (
	// maxBody bounds what a request may bring along where its route says nothing else.
	maxBody = 64 << 10
	// retryAfter is how soon, in seconds, asking again makes sense while starting.
	retryAfter = 5
)

// guard refuses requests before a handler sees them. There is one a listener.
type guard struct {
	options *Options
	// loopback: the listener is reachable from this machine only. A page on any
	// web site could then still reach it through the reader's browser, by a name
	// that it lets point here; such a request carries that name as its Host.
	loopback bool
	// closed: the listener has a web configuration file, so that the operator has
	// decided who gets here.
	closed  bool
	hosts   []string
	origins *http.CrossOriginProtection
}

func newGuard(o *Options, l *Listener, addr net.Addr) *guard {
	g := &guard{options: o, loopback: loopback(addr), closed: l.ConfigFile != "", origins: http.NewCrossOriginProtection()}
	for _, host := range o.Hosts {
		g.hosts = append(g.hosts, hostName(host))
	}
	return g
}

func loopback(addr net.Addr) bool {
	tcp, ok := addr.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// before checks what is asked of r, cheapest and strictest first: name, method,
// origin, readiness, identity, permission. group are all routes of the path.
func (g *guard) before(r *Route, group []Route) http.Handler {
	unidentified := http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) { g.audited(r, w, req) })
	identified := g.identified(r)
	return g.named(r, func(w http.ResponseWriter, req *http.Request) {
		if !r.takes(req.Method) {
			w.Header().Set("Allow", allow(group))
			g.refuse(r, w, req, http.StatusMethodNotAllowed, "Không dùng được cách gọi này cho địa chỉ này.", req.Method+" is not for this path; use "+allow(group))
			return
		}
		// Safe methods pass. A browser names the page that asks; curl does not, and
		// has no reader's cookies or passwords to abuse.
		if err := g.origins.Check(req); err != nil {
			g.refuse(r, w, req, http.StatusForbidden, "Yêu cầu đến từ một trang khác nên bị từ chối.", "another web site asked for this: "+err.Error())
			return
		}
		if r.Operations && r.Needs == access.Anybody {
			unidentified(w, req)
			return
		}
		if err := g.options.Ready(req.Context()); err != nil {
			if r.Always && r.Needs == access.Anybody { // sessions and tokens are stored
				unidentified(w, req)
				return
			}
			if !r.Always {
				w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
				g.refuse(r, w, req, http.StatusServiceUnavailable, "Hệ thống đang khởi động, xin thử lại sau ít giây.", "not ready: "+err.Error())
				return
			}
		}
		identified.ServeHTTP(w, req)
	})
}

// unknown stands before the answer for paths that no route has.
func (g *guard) unknown(r *Route) http.Handler {
	identified := g.identified(r)
	return g.named(r, func(w http.ResponseWriter, req *http.Request) {
		if !r.Page || g.options.Ready(req.Context()) != nil {
			r.Serve(w, req)
			return
		}
		identified.ServeHTTP(w, req)
	})
}

// named checks the name by which the server was addressed, and bounds the body.
func (g *guard) named(r *Route, serve http.HandlerFunc) http.Handler {
	limit := int64(maxBody)
	if r.MaxBody > 0 {
		limit = r.MaxBody
	}
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if r.Page {
			forPages(w.Header())
		}
		if !g.knows(req.Host) {
			problem{Status: http.StatusForbidden, Detail: "this server does not go by the name in the Host header; add the name to web.hosts if it is meant to"}.write(w, req)
			return
		}
		req.Body = http.MaxBytesReader(w, req.Body, limit)
		serve(w, req)
	})
}

// refuse answers with a problem, or a page where a person asks.
func (g *guard) refuse(r *Route, w http.ResponseWriter, req *http.Request, status int, vi, en string) {
	if r.Page {
		w.Header().Set("Cache-Control", "no-store")
		g.options.Pages.Fault(w, req, status, vi, en)
		return
	}
	problem{Status: status, Detail: en}.write(w, req)
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
