package rest

import (
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/doisoat/doisoat/reconcile"
)

// pagePool reuses pages, so that a poll of any length needs the memory of the
// few it holds at once.
type pagePool struct{ pool sync.Pool }

// keepBytes is the largest buffer worth keeping between polls.
const keepBytes = 4 << 20

func (p *pagePool) get() *page {
	pg, ok := p.pool.Get().(*page)
	if !ok {
		pg = &page{}
	}
	pg.reset()
	return pg
}

func (p *pagePool) put(pg *page) {
	if pg != nil && pg.buf.Cap() <= keepBytes {
		p.pool.Put(pg)
	}
}

// read takes a reply's whole body into the page, up to the limit. A body that
// is shorter than announced gives io.ErrUnexpectedEOF from net/http.
func (c *client) read(resp *http.Response, p *page) error {
	p.reset()
	if resp.ContentLength > c.maxBytes {
		return c.tooBig()
	}
	if resp.ContentLength > 0 {
		p.buf.Grow(int(resp.ContentLength) + 512) // ReadFrom wants room to see the end
	}
	n, err := p.buf.ReadFrom(io.LimitReader(resp.Body, c.maxBytes+1))
	p.bytes = n
	if err != nil {
		return asFault(err)
	}
	if n > c.maxBytes {
		return c.tooBig()
	}
	return nil
}

func (c *client) tooBig() error {
	limit := fmt.Sprintf("%d bytes", c.maxBytes)
	if c.maxBytes%(1<<20) == 0 {
		limit = fmt.Sprintf("%d MiB", c.maxBytes>>20)
	}
	return faultf(reconcile.CauseSchema, "the reply is larger than %s; ask for smaller pages, or raise limits.max_page_bytes", limit)
}
