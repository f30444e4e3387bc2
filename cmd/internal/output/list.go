package output

import (
	"errors"
	"io"
	"time"

	"github.com/doisoat/doisoat/cmd/internal/app"
)

// errEnough ends a listing early.
var errEnough = errors.New("enough")

// Each gives discrepancies one by one; what it hands over is valid until do returns.
type Each func(do func(*app.Listed) error) error

// ListTable writes the first limit discrepancies (0: all), with their ids.
func ListTable(w io.Writer, zone *time.Location, each Each, limit int) error {
	p := newPrinter(w)
	n, more := p.list(zone, each, limit)
	switch {
	case n == 0 && p.err == nil:
		p.printf("No discrepancies of this choice.\n")
	case more:
		p.printf("The first %s; --limit 0 shows all, --output FILE.xlsx (or .csv, .json) writes all to a file.\n", number(n))
	}
	return p.err
}

// discrepancies is the list at the end of a run, with what one can do next.
func (p *printer) discrepancies(r *Run, each Each, limit, total int) {
	n, more := p.list(r.Zone, each, limit)
	if more && total > n {
		p.printf("… and %s more; --limit 0 shows all, --output FILE.xlsx (or .csv, .json) writes all to a file.\n", number(total-n))
	}
	if r.Config != "" {
		p.printf("Why is one on the list? doisoat explain --config %s CODE\n", r.Config)
	}
}

// listChunk is how many rows of a long list share their columns' widths. It
// bounds memory.
const listChunk = 2000

// list prints discrepancies, tells how many, and whether there are more.
func (p *printer) list(zone *time.Location, each Each, limit int) (n int, more bool) {
	grids := func() *grid {
		return &grid{
			header: []string{"ID", "CODE", "DISCREPANCY", "DEPT", "STATE", "SINCE"}, give: []narrow{{2, 20, true}, {4, 8, true}},
		}
	}
	g := grids()
	err := each(func(l *app.Listed) error {
		if limit > 0 && n == limit {
			more = true
			return errEnough
		}
		if len(g.rows) == listChunk {
			p.print(g)
			g = grids()
		}
		n++
		g.add(l.ID, l.Code, l.Kind, orNone(l.Department), l.State, date(l.Since, zone))
		return p.err
	})
	if err != nil && !errors.Is(err, errEnough) {
		p.err = err
		return n, more
	}
	if len(g.rows) > 0 {
		p.print(g)
	}
	return n, more
}
