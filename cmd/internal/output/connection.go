package output

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/doisoat/doisoat/cmd/internal/app"
)

// shownRejects is how many rejected rows are shown of a page.
const shownRejects = 5

// Connection writes what a try at one source showed.
func Connection(w io.Writer, c *app.Connection, zone *time.Location) error {
	p := &printer{w: w, colours: Terminal(w)}
	state := p.paint("ok", text.FgGreen)
	if !c.OK() {
		state = p.paint("FAILED", text.FgRed)
	}
	p.printf("\n%s (%s, %s): %s, %d rows read, %d skipped, %d rejected\n", c.Source, c.Side, c.Protocol, state, c.Rows, c.Skipped, len(c.Rejected))
	if !c.OK() {
		p.printf("%s\n", text.WrapSoft("  ! "+string(c.Poll.Cause)+": "+c.Poll.Reason, Width))
	}
	if len(c.Records) > 0 {
		t := p.table(table.Row{"  CODE", "DEPT", "STATUS", "FROM", "RECEIVED", "DUE", "ENDED"})
		for i := range c.Records {
			r := &c.Records[i]
			t.AppendRow(table.Row{"  " + r.Code, orNone(r.Department), r.Status, text.Trim(fmt.Sprintf("%q", r.RawStatus), 20),
				day(r.ReceivedAt.Time, zone, false), day(r.EffectiveDue().Time, zone, false), day(r.End().Time, zone, false)})
		}
		p.printf("%s\n", t.Render())
	}
	for i, r := range c.Rejected {
		if i == shownRejects {
			p.printf("  ! and %d rejected rows more\n", len(c.Rejected)-i)
			break
		}
		p.printf("%s\n", text.WrapSoft("  ! rejected "+r.Position.String()+": "+r.Reason, Width))
	}
	if len(c.Unmapped) > 0 {
		p.printf("  ! statuses the mapping lacks; add each under statuses: with one of the ten national statuses:\n")
		for _, value := range c.Unmapped {
			p.printf("      %q: …\n", value)
		}
	}
	if len(c.Unknown) > 0 {
		p.printf("  ! departments that the configuration does not have: %s; map them under departments: in the mapping\n", quoted(c.Unknown))
	}
	return p.err
}

func quoted(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = fmt.Sprintf("%q", s)
	}
	return strings.Join(out, ", ")
}
