package rest

import "time"

// Config describes one HTTP/JSON source. Secrets in it are plain text in
// memory; it must never be printed.
type Config struct {
	Name    string
	URL     string            // base; paths below are joined to it
	Headers map[string]string // sent with every request
	Auth    Auth
	List    List
	One     *One // nil: the source cannot be asked for one dossier
	TLS     TLS
	Limits  Limits
	Agent   string // User-Agent
}

// Auth holds at most one way to authenticate; all nil means none.
type Auth struct {
	Basic  *Basic
	Bearer string
	Header *HeaderAuth
	OAuth2 *OAuth2 // client credentials
	Login  *Login
}

// Basic is HTTP basic authentication.
type Basic struct{ Username, Password string }

// HeaderAuth sends a fixed secret in a header of its own name.
type HeaderAuth struct{ Name, Value string }

// OAuth2 is the client credentials grant.
type OAuth2 struct {
	TokenURL, ClientID, ClientSecret string
	Scopes                           []string
	Params                           map[string]string
}

// Login fetches a token with a request of its own, and again when it has died.
type Login struct {
	Method  string            // POST if empty
	Path    string            //
	Headers map[string]string // for the login request only
	Body    any               // JSON body; secrets already filled in
	OK      *OK               // the reply's own verdict, if it has one
	Token   string            // path to the token in the reply
	Header  string            // header that carries it; empty when only ${session} is used
	Prefix  string            // before the token in the header: "Bearer "
	Expired *OK               // a 200 reply whose verdict is in here means that the token died
}

// OK is a verdict inside a JSON reply: the value at Path is one of In. Numbers
// compare by their text, so 0, "0" and "00" can each be named.
type OK struct {
	Path string
	In   []string
}

// List reads all dossiers. In Path, Query, Body and the source's Headers,
// ${session}, ${from}, ${to} and ${since} are filled in. A query parameter that
// is empty after filling, and was not before, is left out (${since} in a full
// poll); in a body it stays, as "".
type List struct {
	Method string // GET or POST
	Path   string
	Query  map[string]string
	Body   any
	Items  string // path to the array; "" where the reply itself is the array
	Total  string // path to the declared total; "" where there is none
	OK     *OK
	Paging Paging
	Window *Window
	Since  *Since
}

// Paging holds one way of paging; all nil means that one reply holds
// everything. A parameter goes into the body of a POST that has one, unless
// List.Query names it (then it goes there); a dotted name reaches into the body.
type Paging struct {
	// HasNext is the path to the reply's own word on whether another page
	// follows (hasNextPage); "" where there is none.
	HasNext string
	Page    *PagePaging
	Range   *RangePaging
	Offset  *OffsetPaging
	Cursor  *CursorPaging
	Link    *LinkPaging
}

// PagePaging counts pages: param is the page's number, first (0 or 1) that of the first.
type PagePaging struct {
	Param, SizeParam string
	Size, First      int
}

// RangePaging asks for items start (inclusive) to end (exclusive).
type RangePaging struct {
	Start, End string
	Size       int
}

// OffsetPaging skips offset items and takes limit.
type OffsetPaging struct {
	Offset, Limit string
	Size          int
}

// CursorPaging follows a cursor: the value at path Next goes into Param.
type CursorPaging struct {
	Param, Next string
	SizeParam   string
	Size        int
}

// LinkPaging follows the Link header's rel="next" (RFC 8288), on the same origin only.
type LinkPaging struct {
	SizeParam string
	Size      int
}

// Window cuts the time from Start to now into stretches of at most Max, each
// paged by itself: some systems answer for five days at most.
type Window struct {
	From, To string // names of the parameters; empty where only ${from} and ${to} are used
	Layout   string // a date pattern (yyyy MM dd HH mm ss)
	Max      time.Duration
	Start    time.Time // where a full poll begins
	Zone     *time.Location
}

// Since makes incremental polls possible.
type Since struct {
	Param   string
	Layout  string
	Overlap time.Duration
	Zone    *time.Location
}

// One reads a single dossier; {code} in Path, Query and Body is filled in.
type One struct {
	Method string
	Path   string
	Query  map[string]string
	Body   any
	Item   string // path to the object or array; "" where the reply itself is it
	OK     *OK
}

// TLS names PEM files; empty fields mean the system's defaults.
type TLS struct {
	CAFile, CertFile, KeyFile string
	ServerName                string
}

// Limits keep a poll polite and bounded. Zero fields mean the defaults.
type Limits struct {
	Concurrency  int           // pages at once; 4
	PerSecond    float64       // requests; 0 means no limit
	Timeout      time.Duration // one request; 30s
	Retries      int           // after the first try; 5; negative: none
	MaxPageBytes int64         // 32 MiB
}
