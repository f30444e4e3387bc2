package output

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/doisoat/doisoat/cmd/internal/app"
	"github.com/doisoat/doisoat/reconcile"
)

// shownRejects is how many rejected rows are shown of a page.
const shownRejects = 5

// Connection writes what a try at one source showed. mapping is the file that
// its mapping stands in.
func Connection(w io.Writer, c *app.Connection, mapping string, zone *time.Location) error {
	p := newPrinter(w)
	state := p.paint("ok", text.FgGreen)
	if !c.OK() {
		state = p.paint("FAILED", text.FgRed)
	}
	lead := fmt.Sprintf("%s (%s, %s):", c.Source, c.Side, c.Protocol)
	read := fmt.Sprintf(", %s, %s skipped, %s rejected", plural(c.Rows, "row read", "rows read"), number(c.Skipped), number(len(c.Rejected)))
	between := safe(" ")
	if width(lead+" "+string(state)+read) > Width {
		between = "\n  "
	}
	p.printf("\n%s%s%s%s\n", lead, between, state, read)
	if !c.OK() {
		p.paragraph("  ! ", string(c.Poll.Cause)+": "+c.Poll.Reason)
	}
	p.understood(c, zone)
	for i, r := range c.Rejected {
		if i == shownRejects {
			p.printf("  ! and %s more\n", plural(len(c.Rejected)-i, "rejected row", "rejected rows"))
			break
		}
		p.paragraph("  ! ", "rejected "+r.Position.String()+": "+r.Reason)
	}
	p.lacking(c, mapping)
	return p.err
}

// understood shows the first rows as the mapping understands them.
func (p *printer) understood(c *app.Connection, zone *time.Location) {
	if len(c.Records) == 0 {
		return
	}
	g := &grid{header: []string{"  CODE", "DEPT", "STATUS", "FROM", "RECEIVED", "DUE", "ENDED"}, give: []narrow{{4, 12, true}, {1, 20, true}, {2, 8, true}}}
	for i := range c.Records {
		r := &c.Records[i]
		status := string(r.Status)
		if !r.Mapped() {
			status = "not mapped"
		}
		g.add("  "+r.Code, orNone(r.Department), status, fmt.Sprintf("%q", r.RawStatus),
			momentDay(r.ReceivedAt, zone), momentDay(r.EffectiveDue(), zone), momentDay(r.End(), zone))
	}
	p.print(g)
}

// lacking names the values that the mapping does not know, as the lines to add.
func (p *printer) lacking(c *app.Connection, mapping string) {
	if len(c.Unmapped) == 0 && len(c.Unknown) == 0 {
		return
	}
	where := mapping
	if preset, ok := strings.CutPrefix(mapping, "preset:"); ok {
		where = fmt.Sprintf("a copy of the shipped mapping %s", preset)
	}
	if len(c.Unmapped) > 0 {
		names := make([]string, len(reconcile.Statuses))
		for i, s := range reconcile.Statuses {
			names[i] = string(s)
		}
		p.paragraph("  ! ", fmt.Sprintf("statuses that the mapping lacks. Add to statuses: in %s, each with what it means (%s):", where, strings.Join(names, ", ")))
		for _, value := range c.Unmapped {
			p.printf("      %q: ...\n", value)
		}
	}
	if len(c.Unknown) > 0 {
		p.paragraph("  ! ", fmt.Sprintf("departments that the configuration does not have. Add to departments: in %s, each with a code of yours:", where))
		for _, value := range c.Unknown {
			p.printf("      %q: ...\n", value)
		}
	}
}
