package rest

// ask says which page to ask for. Comparing two tells whether a page fetched
// ahead is the one that is wanted.
type ask struct {
	window int    // number of the window
	at     int    // page number, or position of the first item
	count  int    // items asked for
	token  string // cursor or address
}

// progress is what the poll knows of the window it is in, from the pages read.
type progress struct {
	total    int // the largest declared that paging may go by; -1 if none
	claimed  int // the largest declared; -1 if none
	rows     int // items read, each once within a strip; repeats at window bounds included
	pages    int
	largest  int  // items of the fullest page
	last     int  // items of the last page
	lastFull bool // the last page had as many items as were asked for
	size     int  // stride of range and offset paging, 0 for the others; smaller than configured where the source caps it
	short    int  // items of the last page that came back short
	expected int  // rows of the last complete poll; 0 if there was none
	hasNext  *bool
	next     string // cursor or address for the next page
}

// reached reports whether as many rows as were declared have come.
func (w *progress) reached() bool { return w.total >= 0 && w.rows >= w.total }

// pager is one way of paging. A page that is merely short ends nothing: many
// systems cap the page size below what was asked, or drop deleted rows after
// cutting the page. The end is the declared total, the source's own word that
// nothing follows, or an empty page.
type pager interface {
	first() ask
	// params are what the request for a needs.
	params(a ask) []param
	// next tells what to ask for once a has been read, and whether anything.
	next(w *progress, a ask) (ask, bool)
	// guess tells what will most likely be asked for after a, before a has been
	// read. Beyond a declared total nothing is guessed.
	guess(w *progress, a ask) (ask, bool)
	// names are the parameters, for a person.
	names() string
}

func newPager(p Paging) pager {
	switch {
	case p.Page != nil:
		return pagePager{*p.Page}
	case p.Range != nil:
		return stripPager{size: p.Range.Size, start: p.Range.Start, end: p.Range.End}
	case p.Offset != nil:
		return stripPager{size: p.Offset.Size, start: p.Offset.Offset, limit: p.Offset.Limit}
	case p.Cursor != nil:
		return tokenPager{param: p.Cursor.Param, sizeParam: p.Cursor.SizeParam, size: p.Cursor.Size, name: "cursor " + p.Cursor.Param}
	case p.Link != nil:
		return tokenPager{sizeParam: p.Link.SizeParam, size: p.Link.Size, name: "Link header"}
	}
	return noPager{}
}

// noPager reads one reply that holds everything.
type noPager struct{}

func (noPager) first() ask                       { return ask{} }
func (noPager) params(ask) []param               { return nil }
func (noPager) next(*progress, ask) (ask, bool)  { return ask{}, false }
func (noPager) guess(*progress, ask) (ask, bool) { return ask{}, false }
func (noPager) names() string                    { return "none" }

// pagePager counts pages. Page numbers go by the source's page size, so that a
// source which caps the size is read rightly without knowing its cap.
type pagePager struct{ PagePaging }

func (p pagePager) first() ask    { return ask{at: p.First, count: p.Size} }
func (p pagePager) names() string { return p.Param }

func (p pagePager) params(a ask) []param {
	ps := []param{intParam(p.Param, a.at)}
	if p.SizeParam != "" {
		ps = append(ps, intParam(p.SizeParam, a.count))
	}
	return ps
}

func (p pagePager) next(w *progress, a ask) (ask, bool) {
	a.at++
	if w.hasNext != nil {
		return a, *w.hasNext
	}
	return a, w.last > 0 && !w.reached()
}

func (p pagePager) guess(w *progress, a ask) (ask, bool) {
	a.at++
	rows, size := w.total, w.largest
	switch {
	case w.pages == 0:
		rows, size = w.expected, p.Size
	case rows < 0:
		return a, w.lastFull
	case size == 0:
		return a, false
	}
	return a, a.at < p.First+(rows+size-1)/size
}

// stripPager asks for items by position: by start and end (exclusive), or by
// offset and limit. A strip that comes back short is filled up by asking for
// its rest before going on, since the source may have capped it.
type stripPager struct {
	size              int
	start, end, limit string
}

func (p stripPager) first() ask    { return ask{count: p.size} }
func (p stripPager) names() string { return p.start }

func (p stripPager) params(a ask) []param {
	ps := []param{intParam(p.start, a.at)}
	if p.end != "" {
		ps = append(ps, intParam(p.end, a.at+a.count))
	}
	if p.limit != "" {
		ps = append(ps, intParam(p.limit, a.count))
	}
	return ps
}

func (p stripPager) next(w *progress, a ask) (ask, bool) {
	n, end := w.last, a.at+a.count
	b := ask{window: a.window, at: a.at + n, count: w.size}
	switch rest := a.count < w.size; {
	case n >= a.count: // full, or the source ignores limits
	case n == 0 && !rest:
		return b, false // empty where a whole strip was asked for: the end
	case n == 0:
		b.at = end // the rest of this strip is empty; the next may not be
	case n == w.short: // short by the same length again: that is the source's cap
		w.size, b.count = n, n
	default:
		b.count = end - b.at
		w.short = n
	}
	if w.hasNext != nil && !*w.hasNext {
		return b, false
	}
	// Rows and position both: rows that came twice must not end the list early,
	// nor a total that counts what is not shown.
	return b, !(w.reached() && b.at >= w.total)
}

func (p stripPager) guess(w *progress, a ask) (ask, bool) {
	b := ask{window: a.window, at: a.at + a.count, count: a.count}
	if w.pages == 0 {
		return b, b.at < w.expected
	}
	return b, w.lastFull && (w.total < 0 || b.at < w.total)
}

// tokenPager follows what each reply says about the next page; nothing can be
// asked for ahead.
type tokenPager struct {
	param, sizeParam string
	size             int
	name             string
}

func (p tokenPager) first() ask                       { return ask{count: p.size} }
func (p tokenPager) guess(*progress, ask) (ask, bool) { return ask{}, false }
func (p tokenPager) names() string                    { return p.name }

func (p tokenPager) params(a ask) []param {
	var ps []param
	if p.sizeParam != "" && p.size > 0 {
		ps = append(ps, intParam(p.sizeParam, p.size))
	}
	if p.param != "" && a.token != "" {
		ps = append(ps, param{name: p.param, value: a.token})
	}
	return ps
}

func (p tokenPager) next(w *progress, a ask) (ask, bool) {
	more := w.next != "" && (w.hasNext == nil || *w.hasNext)
	return ask{window: a.window, at: a.at + 1, count: p.size, token: w.next}, more
}
