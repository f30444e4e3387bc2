package access

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	machine = "127.0.0.1:40000"
	gateway = "10.0.0.5:40000"
)

func gatewayConfig() *ProxyConfig {
	return &ProxyConfig{
		From: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/29"), netip.MustParsePrefix("fd00::5/128")}, UserHeader: "x-remote-user", GroupsHeader: "X-Remote-Groups",
		Rules: []Rule{
			{Value: "tp", Role: Department, Departments: []string{"tu-phap", "y-te"}},
			{Value: "yt", Role: Department, Departments: []string{"y-te", "van-hoa"}},
			{Value: "ktv", Role: Auditor}, {Value: "tt", Role: Centre}, {Value: "qt", Role: Operator},
		},
	}
}

func withProxy(o *Options) { o.Proxy = gatewayConfig() }
func onLoop(o *Options)    { o.Loopback = true }

func TestOpenOnlyWhileThereIsNobodyToSignIn(t *testing.T) {
	tests := []struct {
		name    string
		options func(*Options)
		account bool
		from    string
		headers []string
		open    bool
	}{
		{name: "on the machine", options: onLoop, from: machine, open: true},
		{name: "on the machine by IPv6", options: onLoop, from: "[::1]:4000", open: true},
		{name: "listening elsewhere too", options: func(*Options) {}, from: machine},
		{name: "from elsewhere", options: onLoop, from: office},
		{name: "from an address that is none", options: onLoop, from: "@"},
		{name: "an account was made", options: onLoop, account: true, from: machine},
		{name: "a proxy is configured", options: func(o *Options) { onLoop(o); withProxy(o) }, from: machine},
		{name: "a provider is configured", options: func(o *Options) { onLoop(o); o.OIDC = someProvider("https://login.example.vn") }, from: machine},
		{name: "handed on for another", options: onLoop, from: machine, headers: []string{"X-Forwarded-For", "203.0.113.9"}},
		{name: "handed on, RFC 7239", options: onLoop, from: machine, headers: []string{"Forwarded", "for=203.0.113.9"}},
		{name: "handed on by nginx", options: onLoop, from: machine, headers: []string{"X-Real-IP", "127.0.0.1"}},
		{name: "handed on, and says so", options: onLoop, from: machine, headers: []string{"Via", "1.1 proxy"}},
		{name: "handed on, header empty", options: onLoop, from: machine, headers: []string{"X-Forwarded-For", ""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, tt.options)
			if tt.account {
				w.person("lan", Operator)
				w.store.set(1, func(a *Account) { a.Disabled = true }) // it was made, all the same
			}
			who, err := w.browser(tt.from).who(tt.headers...)
			if err != nil {
				t.Fatal(err)
			}
			var want *Principal
			if tt.open {
				want = &Principal{Name: "local", Display: "local", Role: Operator, ReadOnly: true, Via: ViaOpen}
			}
			if d := cmp.Diff(want, who); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestOpenEndsWithTheFirstAccount(t *testing.T) {
	w := newWorld(t, onLoop)
	b := w.browser(machine)
	b.is("local")
	w.person("lan", Operator) // by the command line
	b.is("")
	n := w.store.count("CountAccounts")
	for range 10 {
		b.is("")
	}
	if again := w.store.count("CountAccounts"); again != n {
		t.Errorf("counted %d times more", again-n)
	}
}

func TestDemoOnTheMachineOnly(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.Demo = &Principal{Name: "demo", Display: "Demo", Role: Operator} })
	w.person("lan", Auditor)
	b := w.browser(machine)
	if who, err := b.who(); err != nil || who.Name != "demo" || who.Via != ViaDemo {
		t.Errorf("%+v, %v", who, err)
	}
	w.browser(office).is("")
	if who, err := b.who("X-Forwarded-For", "203.0.113.1"); who != nil || err != nil {
		t.Errorf("through a proxy: %v, %v", who, err)
	}
	b.mustLogin("lan")
	b.is("lan")
}

func TestProxyHeaders(t *testing.T) {
	tests := []struct {
		name    string
		from    string
		headers []string
		want    *Principal
		reason  Reason
	}{
		{
			name: "from the proxy", from: gateway, headers: []string{"X-Remote-User", "an", "X-Remote-Groups", "staff, tt"},
			want: &Principal{Name: "proxy:an", Display: "an", Role: Centre, Via: ViaProxy},
		},
		{
			name: "from the proxy by IPv6", from: "[fd00::5]:4000", headers: []string{"X-Remote-User", "an", "X-Remote-Groups", "ktv"},
			want: &Principal{Name: "proxy:an", Display: "an", Role: Auditor, Via: ViaProxy},
		},
		{
			name: "an IPv4 proxy on an IPv6 socket", from: "[::ffff:10.0.0.5]:4000", headers: []string{"X-Remote-User", "an", "X-Remote-Groups", "ktv"},
			want: &Principal{Name: "proxy:an", Display: "an", Role: Auditor, Via: ViaProxy},
		},
		{
			name: "departments of several groups", from: gateway, headers: []string{"X-Remote-User", "an", "X-Remote-Groups", "yt,tp"},
			want: &Principal{Name: "proxy:an", Display: "an", Role: Department, Departments: []string{"tu-phap", "y-te", "van-hoa"}, Via: ViaProxy},
		},
		{
			name: "the strongest role wins", from: gateway, headers: []string{"X-Remote-User", "an", "X-Remote-Groups", "tp,ktv,tt"},
			want: &Principal{Name: "proxy:an", Display: "an", Role: Centre, Via: ViaProxy},
		},
		{
			name: "operator wins over all", from: gateway, headers: []string{"X-Remote-User", "an", "X-Remote-Groups", "tp,ktv,qt,tt"},
			want: &Principal{Name: "proxy:an", Display: "an", Role: Operator, Via: ViaProxy},
		},
		{name: "spoofed from elsewhere", from: office, headers: []string{"X-Remote-User", "an", "X-Remote-Groups", "qt"}},
		{name: "spoofed from the machine itself", from: machine, headers: []string{"X-Remote-User", "an", "X-Remote-Groups", "qt"}},
		{name: "spoofed by an address said to be the proxy's", from: office, headers: []string{"X-Forwarded-For", "10.0.0.5", "X-Remote-User", "an", "X-Remote-Groups", "qt"}},
		{name: "a header that only looks alike", from: gateway, headers: []string{"X_Remote_User", "an", "X-Remote-Groups", "qt"}},
		{name: "nobody signed in", from: gateway, headers: []string{"X-Remote-Groups", "qt"}},
		{name: "empty", from: gateway, headers: []string{"X-Remote-User", " ", "X-Remote-Groups", "qt"}},
		{name: "the client's beside the proxy's", from: gateway, headers: []string{"X-Remote-User", "boss", "X-Remote-User", "an", "X-Remote-Groups", "qt"}, reason: WrongHeader},
		{name: "groups twice", from: gateway, headers: []string{"X-Remote-User", "an", "X-Remote-Groups", "qt", "X-Remote-Groups", "tp"}, reason: WrongHeader},
		{name: "a name for the log to stumble on", from: gateway, headers: []string{"X-Remote-User", "an\u202egnp", "X-Remote-Groups", "qt"}, reason: WrongHeader},
		{name: "no group that gives a role", from: gateway, headers: []string{"X-Remote-User", "an", "X-Remote-Groups", "staff,QT,q,qt2"}, reason: NoRole},
		{name: "no groups at all", from: gateway, headers: []string{"X-Remote-User", "an"}, reason: NoRole},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, withProxy, onLoop)
			who, err := w.browser(tt.from).who(tt.headers...)
			if reasonOf(err) != tt.reason || (err != nil) != (tt.reason != "") {
				t.Fatalf("%v", err)
			}
			if d := cmp.Diff(tt.want, who); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestProxyNamesAreNoAccounts(t *testing.T) {
	w := newWorld(t, withProxy)
	w.person("lan", Operator)
	who, err := w.browser(gateway).who("X-Remote-User", "lan", "X-Remote-Groups", "tp")
	if err != nil || who.Account != 0 || who.Name == "lan" {
		t.Errorf("%+v, %v", who, err)
	}
	if CheckName(who.Name) == nil {
		t.Errorf("an account could be named %q", who.Name)
	}
}

func TestFaultyProxyIsRefusedWhole(t *testing.T) {
	rules := []Rule{{Value: "qt", Role: Operator}}
	from := []netip.Prefix{netip.MustParsePrefix("10.0.0.5/32")}
	for name, c := range map[string]*ProxyConfig{
		"no addresses":       {UserHeader: "U", GroupsHeader: "G", Rules: rules},
		"all addresses":      {From: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}, UserHeader: "U", GroupsHeader: "G", Rules: rules},
		"no groups":          {From: from, UserHeader: "U", Rules: rules},
		"the same header":    {From: from, UserHeader: "u", GroupsHeader: "U", Rules: rules},
		"no rules":           {From: from, UserHeader: "U", GroupsHeader: "G"},
		"a role not known":   {From: from, UserHeader: "U", GroupsHeader: "G", Rules: []Rule{{Value: "x", Role: "boss"}}},
		"no departments":     {From: from, UserHeader: "U", GroupsHeader: "G", Rules: []Rule{{Value: "x", Role: Department}}},
		"departments of all": {From: from, UserHeader: "U", GroupsHeader: "G", Rules: []Rule{{Value: "x", Role: Operator, Departments: []string{"y"}}}},
		"a nameless group":   {From: from, UserHeader: "U", GroupsHeader: "G", Rules: []Rule{{Role: Operator}}},
	} {
		w := newWorld(t, withProxy)
		if err := w.Reconfigure(nil, c); err == nil {
			t.Errorf("%s: taken", name)
		}
		if who, err := w.browser(gateway).who("X-Remote-User", "an", "X-Remote-Groups", "tt"); nameOf(who) != "proxy:an" || err != nil {
			t.Errorf("%s: the one before is not in force: %v, %v", name, who, err)
		}
	}
}

func TestRemoteOf(t *testing.T) {
	tests := []struct {
		name, from string
		forwarded  []string
		want       string
	}{
		{"nobody between", office, nil, "203.0.113.7"},
		{"anybody may write the header", office, []string{"198.51.100.1"}, "203.0.113.7"},
		{"behind the proxy", gateway, []string{"203.0.113.7"}, "203.0.113.7"},
		{"behind the proxy, with a forged hop before", gateway, []string{"1.2.3.4, 203.0.113.7"}, "203.0.113.7"},
		{"in several headers", gateway, []string{"1.2.3.4", "203.0.113.7"}, "203.0.113.7"},
		{"behind two proxies", gateway, []string{"203.0.113.7, 10.0.0.6"}, "203.0.113.7"},
		{"with a port", gateway, []string{"203.0.113.7:5000"}, "203.0.113.7"},
		{"IPv6 with a port", gateway, []string{"[2001:db8::1]:5000"}, "2001:db8::1"},
		{"IPv6 with brackets", gateway, []string{"[2001:db8::1]"}, "2001:db8::1"},
		{"rubbish before the proxy's", gateway, []string{"<script>, 10.0.0.6"}, "10.0.0.6"},
		{"rubbish", gateway, []string{"unknown"}, "10.0.0.5"},
		{"only proxies", gateway, []string{"10.0.0.2, 10.0.0.6"}, "10.0.0.2"},
		{"no header", gateway, nil, "10.0.0.5"},
		{"no address", "pipe", nil, ""},
	}
	w := newWorld(t, withProxy)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := w.RemoteOf(request(tt.from, "X-Forwarded-For", tt.forwarded...)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestLanguage(t *testing.T) {
	w := newWorld(t, withProxy)
	w.person("lan", Centre)
	b := w.browser(office)
	set := func(language string, headers ...string) (err error) {
		b.visit("/language", setting(w, language, &err), headers...)
		return err
	}
	if err := set("en"); err != nil || w.store.rows() != 0 {
		t.Fatalf("%v, %d sessions", err, w.store.rows())
	}
	if got := LanguageOf(b.request()); got != "en" {
		t.Errorf("nobody's is %q", got)
	}
	b.mustLogin("lan")
	if err := set("vi"); err != nil || w.store.accounts[1].Language != "vi" {
		t.Errorf("%v, kept is %q", err, w.store.accounts[1].Language)
	}
	elsewhere := w.browser(office)
	elsewhere.mustLogin("lan")
	if who, err := elsewhere.who(); err != nil || who.Language != "vi" {
		t.Errorf("in another browser %+v, %v", who, err)
	}
	if err := set("fr"); err == nil || errors.Is(err, ErrRejected) {
		t.Errorf("fr: %v", err)
	}
	b = w.browser(gateway)
	if err := set("en", "X-Remote-User", "an", "X-Remote-Groups", "tt"); err != nil {
		t.Fatal(err)
	}
	if who, err := b.who("X-Remote-User", "an", "X-Remote-Groups", "tt"); err != nil || who.Language != "en" {
		t.Errorf("known by a proxy: %+v, %v", who, err)
	}
}

func TestNames(t *testing.T) {
	for name, good := range map[string]bool{
		"lan": true, "lan.tu-phap_2": true, "l": true, "": false, "Lan": false, "lan.": false, ".lan": false,
		"oidc:lan": false, "lan tu": false, "lân": false, "a23456789012345678901234567890123456789012345678901234567890abcd": true,
		"a23456789012345678901234567890123456789012345678901234567890abcde": false,
	} {
		if err := CheckName(name); (err == nil) != good {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestWaitsInWords(t *testing.T) {
	for wait, want := range map[time.Duration][2]string{
		time.Second: {"1 giây", "1 second"}, 1500 * time.Millisecond: {"2 giây", "2 seconds"}, time.Minute: {"60 giây", "60 seconds"},
		61 * time.Second: {"2 phút", "2 minutes"}, 4 * time.Hour: {"240 phút", "240 minutes"},
	} {
		vi, en := inWords(wait)
		if got := [2]string{vi, en}; got != want {
			t.Errorf("%v: %q", wait, got)
		}
	}
}
