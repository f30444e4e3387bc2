package access

import (
	"net/http"
	"net/netip"
	"strings"
)

// forwarding are headers that a proxy on this machine adds: who sends them is not on
// the machine itself, or may not be.
var forwarding = [...]string{
	"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Server", "Forwarded", "X-Real-Ip", "Via",
	"X-Client-Ip", "True-Client-Ip", "Cf-Connecting-Ip",
}

// peerOf is who is at the other end of the TCP connection; invalid where that is not
// an address.
func peerOf(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return plain(peer.Addr())
}

// plain writes an address one way: an IPv4 address over IPv6 is that address.
func plain(addr netip.Addr) netip.Addr { return addr.Unmap().WithZone("") }

// onMachine reports whether the request was made on this machine, as far as can be
// seen: from a loopback address, and handed on by nobody.
func onMachine(r *http.Request) bool {
	if peer := peerOf(r); !peer.IsLoopback() {
		return false
	}
	for _, name := range forwarding {
		if len(r.Header[name]) > 0 {
			return false
		}
	}
	return true
}

// RemoteOf is the address that a request comes from, for the audit trail and for
// limits: the TCP peer's. Only where that is a trusted proxy it is the last address
// of X-Forwarded-For that is none. "" where there is none, as in a test.
func (a *Access) RemoteOf(r *http.Request) string {
	if addr := a.remote(r); addr.IsValid() {
		return addr.String()
	}
	return ""
}

func (a *Access) remote(r *http.Request) netip.Addr {
	at := peerOf(r)
	p := a.settings.Load().proxy
	if p == nil || !p.trusts(at) {
		return at
	}
	hops := strings.Split(strings.Join(r.Header["X-Forwarded-For"], ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, ok := parseHop(hops[i])
		if !ok {
			return at // whatever stands before it was written by somebody unknown
		}
		if at = hop; !p.trusts(at) {
			return at
		}
	}
	return at
}

// parseHop reads one address of X-Forwarded-For; some proxies add a port.
func parseHop(text string) (netip.Addr, bool) {
	text = strings.TrimSpace(text)
	if addr, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")); err == nil {
		return plain(addr), true
	}
	if with, err := netip.ParseAddrPort(text); err == nil {
		return plain(with.Addr()), true
	}
	return netip.Addr{}, false
}

// limitKey is what attempts are counted by: an IPv4 address, or an IPv6 network of 64
// bits, in which one subscriber has any address.
func (a *Access) limitKey(r *http.Request) string {
	addr := a.remote(r)
	if addr.Is6() {
		if network, err := addr.Prefix(64); err == nil {
			return network.String()
		}
	}
	return addr.String()
}
