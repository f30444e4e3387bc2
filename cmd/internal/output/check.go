package output

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/cmd/internal/app"
	"github.com/doisoat/doisoat/reconcile"
)

// Check is what a faultless configuration comes to.
type Check struct {
	Config      string
	Mappings    int
	Offices     int
	Departments int
	NotCovered  []string // departments without an office
	// YearUnknown is this year where the calendar does not know its holidays; 0
	// where it does.
	YearUnknown int
}

// CheckText writes it for people.
func CheckText(w io.Writer, c *Check) error {
	p := newPrinter(w)
	p.paragraph("", fmt.Sprintf("%s: no fault found in the configuration, its %s and its calendar. 1 platform, %s, %s.", c.Config,
		plural(c.Mappings, "mapping", "mappings"), plural(c.Offices, "office", "offices"), plural(c.Departments, "department", "departments")))
	if c.YearUnknown != 0 {
		p.paragraph("! ", fmt.Sprintf("the calendar does not know the holidays of %d and takes them for working days. Add the year to the calendar file.", c.YearUnknown))
	}
	if len(c.NotCovered) > 0 {
		p.paragraph("! ", fmt.Sprintf("no office is connected for %s: their dossiers are counted, never flagged as missing.", strings.Join(c.NotCovered, ", ")))
	}
	return p.err
}

type checkJSON struct {
	Config      string           `json:"config"`
	Mappings    int              `json:"mappings"`
	Offices     int              `json:"offices"`
	Departments int              `json:"departments"`
	NotCovered  []string         `json:"not_covered"`
	YearUnknown int              `json:"calendar_year_unknown,omitempty"`
	Sources     []connectionJSON `json:"sources,omitempty"`
}

type connectionJSON struct {
	Name     string          `json:"name"`
	Side     reconcile.Side  `json:"side"`
	Protocol string          `json:"protocol"`
	OK       bool            `json:"ok"`
	Cause    reconcile.Cause `json:"cause,omitempty"`
	Reason   string          `json:"reason,omitempty"`
	Rows     int             `json:"rows"`
	Skipped  int             `json:"skipped"`
	Records  []*web.Record   `json:"records"`
	Rejected []rejectedJSON  `json:"rejected"`
	Unmapped []string        `json:"unmapped_statuses"`
	Unknown  []string        `json:"unknown_departments"`
}

// CheckJSON writes it for programs, with what the sources showed if they were
// tried.
func CheckJSON(w io.Writer, c *Check, tried []*app.Connection, zone *time.Location) error {
	out := checkJSON{
		Config: c.Config, Mappings: c.Mappings, Offices: c.Offices, Departments: c.Departments,
		NotCovered: list(c.NotCovered), YearUnknown: c.YearUnknown,
	}
	for _, t := range tried {
		item := connectionJSON{
			Name: t.Source, Side: t.Side, Protocol: t.Protocol, OK: t.OK(), Cause: t.Poll.Cause, Reason: t.Poll.Reason,
			Rows: t.Rows, Skipped: t.Skipped, Records: []*web.Record{}, Rejected: []rejectedJSON{}, Unmapped: list(t.Unmapped), Unknown: list(t.Unknown),
		}
		for i := range t.Records {
			item.Records = append(item.Records, web.RecordOf(&t.Records[i], zone))
		}
		for _, r := range t.Rejected {
			item.Rejected = append(item.Rejected, rejectedOf(r))
		}
		out.Sources = append(out.Sources, item)
	}
	return indented(w, out)
}

// list is never null in JSON.
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
