package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/doisoat/doisoat/reconcile"
)

// Source reads dossiers over HTTP. It is safe for several goroutines; their
// requests share its rate, its places and its token.
type Source struct {
	cfg     Config
	client  *client
	session *session // nil where no token is needed
	inputs  *extractor
	pages   pagePool
	pager   pager
	list    *endpoint
	reply   *shape
	one     *endpoint // nil: single dossiers cannot be asked for
	item    *shape
	window  *layout       // nil: no windows
	since   *layout       // nil: no incremental polls
	byTime  bool          // incremental polls begin with a later window
	seed    atomic.Uint64 // of the last poll
	rows    atomic.Int64  // of the last complete full poll
	totals  atomic.Int32  // what totals count in an incremental poll; a value of type totals
}

var (
	_ reconcile.SingleSource = (*Source)(nil)
	_ reconcile.BatchSource  = (*Source)(nil)
)

// New checks a configuration, all faults at once, and readies a source; nothing
// is connected yet. inputs are paths into an item, such as MaHoSo,
// thongTin.hanTra, list[0].x or list.0.x; a row's values come in their order.
// A nil log is silent. Close the source when it is no longer needed.
func New(cfg Config, inputs []string, log logrus.FieldLogger) (*Source, error) {
	return newSource(cfg, inputs, log, defaultPace())
}

func newSource(cfg Config, inputs []string, log logrus.FieldLogger, p pace) (*Source, error) {
	if log == nil {
		log = discard()
	}
	if err := cfg.check(); err != nil {
		return nil, fmt.Errorf("source %s: %w", cfg.Name, err)
	}
	s := &Source{cfg: cfg, pager: newPager(cfg.List.Paging)}
	var err error
	if s.inputs, err = newExtractor(inputs); err != nil {
		return nil, fmt.Errorf("source %s: inputs: %w", cfg.Name, err)
	}
	if s.client, err = newClient(cfg, log, p); err != nil {
		return nil, fmt.Errorf("source %s: %w", cfg.Name, err)
	}
	base, err := url.Parse(cfg.URL)
	if err == nil {
		err = s.prepare(base)
	}
	if err != nil {
		return nil, fmt.Errorf("source %s: %w", cfg.Name, err)
	}
	return s, nil
}

// prepare compiles what check has found sound.
func (s *Source) prepare(base *url.URL) error {
	list, problems := s.cfg.List, []error(nil)
	note := func(err error) { problems = append(problems, err) }
	body, err := normalBody(list.Body)
	note(err)
	s.list = &endpoint{base: base, method: orDefault(list.Method, http.MethodGet), path: list.Path, query: list.Query, headers: s.cfg.Headers, body: body}
	metas := s.verdicts(list.OK)
	for _, m := range []metaPath{{metaTotal, list.Total}, {metaHasNext, list.Paging.HasNext}} {
		if m.path != "" {
			metas = append(metas, m)
		}
	}
	if c := list.Paging.Cursor; c != nil {
		metas = append(metas, metaPath{metaNext, c.Next})
	}
	s.reply, err = newShape(&list.Items, false, metas...)
	note(err)
	if one := s.cfg.One; one != nil {
		body, err := normalBody(one.Body)
		note(err)
		s.one = &endpoint{base: base, method: orDefault(one.Method, http.MethodGet), path: one.Path, query: one.Query, headers: s.cfg.Headers, body: body}
		s.item, err = newShape(&one.Item, true, s.verdicts(one.OK)...)
		note(err)
	}
	if w := list.Window; w != nil {
		s.window, err = compileLayout(w.Layout, w.Zone)
		note(err)
	}
	if since := list.Since; since != nil {
		s.since, err = compileLayout(since.Layout, since.Zone)
		note(err)
		s.byTime = list.Window != nil && since.Param == "" && !list.uses(varSince)
	}
	s.session, err = s.newSession(base)
	note(err)
	return errors.Join(problems...)
}

func (s *Source) verdicts(ok *OK) []metaPath {
	var metas []metaPath
	if ok != nil {
		metas = append(metas, metaPath{metaOK, ok.Path})
	}
	if l := s.cfg.Auth.Login; l != nil && l.Expired != nil {
		metas = append(metas, metaPath{metaExpired, l.Expired.Path})
	}
	return metas
}

// HasOne reports whether single dossiers can be asked for.
func (s *Source) HasOne() bool { return s.one != nil }

// HasSince reports whether incremental polls are possible; where they are not,
// Poll reads everything and says so in Poll.Mode.
func (s *Source) HasSince() bool { return s.since != nil }

// Close drops idle connections. Polls under way are ended by their context.
func (s *Source) Close() error {
	s.client.close()
	return nil
}

// Try logs in, where that takes a request of its own, and reads nothing. The
// error is a *Fault, or the context's.
func (s *Source) Try(ctx context.Context) error {
	if s.session == nil {
		return nil
	}
	s.session.forgive()
	return s.session.use(ctx, func(string) error { return nil })
}

// call is what one fetch needs to know.
type call struct {
	endpoint *endpoint
	shape    *shape
	ok       *OK
	vars     vars
	params   []param
	next     *url.URL // the address the source gave for this page
	follow   bool     // the Link header counts
	seed     uint64
}

// fetch makes a call, with log-in and retries, and reads its reply into p.
func (s *Source) fetch(ctx context.Context, c call, p *page) error {
	do := func(token string) error {
		v := c.vars
		v.session = token
		req, err := c.endpoint.request(ctx, v, c.params, c.next)
		if err != nil {
			return faultf(reconcile.CauseSchema, "%v", err)
		}
		s.cfg.Auth.authorize(req.Request, token)
		return s.client.do(ctx, req, p, func(resp *http.Response) error { return s.take(resp, c, p) })
	}
	if s.session == nil {
		return do("")
	}
	return s.session.use(ctx, do)
}

// take decodes a good reply and hears its own verdict.
func (s *Source) take(resp *http.Response, c call, p *page) error {
	if resp.StatusCode == http.StatusNoContent { // the server's word, not a body that went missing
		p.found = foundItems
		return nil
	}
	if f := s.client.decode(p, c.shape, c.seed); f != nil {
		return f
	}
	if l := s.cfg.Auth.Login; l != nil && l.Expired != nil && p.meta[metaExpired].present && l.Expired.holds(p.meta[metaExpired]) {
		return &Fault{Cause: reconcile.CauseAuth, Reason: "the token has expired, and so has a new one", expired: true}
	}
	if c.ok != nil && !c.ok.holds(p.meta[metaOK]) {
		return faultf(reconcile.CauseRefused, "the reply's own verdict says no: %s", c.ok.says(p.meta[metaOK]))
	}
	if link := nextLink(resp.Header); link != "" && c.follow {
		next, err := resp.Request.URL.Parse(link)
		if err != nil || !sameOrigin(next, resp.Request.URL) && !sameOrigin(next, c.endpoint.base) {
			return faultf(reconcile.CauseSchema, "the Link header leads to another host, which gets none of our credentials; ask the system's operators about it")
		}
		p.link = next.String()
	}
	return nil
}

// handover gives a page's items to the sink.
type handover struct {
	sink   reconcile.Sink
	inputs *extractor
}

// page hands over the items that wanted lets through.
func (h *handover) page(p *page, place string, wanted func(item) bool) error {
	for i, it := range p.items {
		if !wanted(it) || h.sink.Seen(it.fingerprint) {
			continue
		}
		at := reconcile.Position{Place: place, Row: i + 1}
		raw := p.body[it.start:it.end]
		var err error
		if raw[0] == '{' || raw[0] == '[' {
			err = h.sink.Row(reconcile.Row{Fingerprint: it.fingerprint, Position: at, Values: h.inputs.item(raw)})
		} else {
			err = h.sink.Reject(reconcile.Rejected{Position: at, Cause: "row", Reason: "the item is not a JSON object; is list.items the path to the dossiers?"})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// clock is the moment by which windows end.
func (s *Source) clock() time.Time { return s.client.now() }
