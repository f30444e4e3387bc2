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

// Changes writes what a person's word changed.
func Changes(w io.Writer, changes []reconcile.Change, zone *time.Location) error {
	p := newPrinter(w)
	for i := range changes {
		d, e := &changes[i].Discrepancy, &changes[i].Event
		text := fmt.Sprintf("%s %s of %s: %s → %s", d.ID, d.Kind, d.Code, e.From, d.State)
		if !d.WaivedUntil.IsZero() {
			text += ", to the end of " + date(d.WaivedUntil.Add(-time.Second), zone)
		}
		p.paragraph("", text)
	}
	return p.err
}

// ChangesJSON writes the discrepancies that a person's word changed, as they are
// now. The records of both sides are not among what it tells.
func ChangesJSON(w io.Writer, changes []reconcile.Change, zone *time.Location) error {
	out := make([]web.Discrepancy, len(changes))
	for i := range changes {
		out[i] = discrepancyOf(&app.Listed{Discrepancy: changes[i].Discrepancy}, zone)
	}
	return indented(w, out)
}

// JSONValue writes anything else, indented.
func JSONValue(w io.Writer, v any) error { return indented(w, v) }

// Plain is a text of foreign origin as it may be written to a terminal, line by
// line.
func Plain(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = plain(lines[i])
	}
	return strings.Join(lines, "\n")
}
