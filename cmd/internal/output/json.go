package output

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/cmd/internal/app"
	"github.com/doisoat/doisoat/reconcile"
)

// sourceJSON is one source in the JSON of a run.
type sourceJSON struct {
	Name     string                  `json:"name"`
	Side     reconcile.Side          `json:"side"`
	State    reconcile.SnapshotState `json:"state"`
	Complete bool                    `json:"complete"`
	Snapshot int64                   `json:"snapshot"`
	Records  int                     `json:"records"`
	Rejected int                     `json:"rejected"`
	AsOf     string                  `json:"as_of"`
	Reason   string                  `json:"reason"`
}

type summaryJSON struct {
	Kind       reconcile.Kind  `json:"kind"`
	Department string          `json:"department"`
	State      reconcile.State `json:"state"`
	Count      int             `json:"count"`
}

// JSON writes a run. Memory does not grow with the number of discrepancies.
func JSON(w io.Writer, r *Run, each Each) error {
	head := struct {
		AsOf       string        `json:"as_of"`
		Run        int64         `json:"run"`
		Sources    []sourceJSON  `json:"sources"`
		Compared   int           `json:"compared"`
		NotCovered int           `json:"not_covered"`
		Warning    string        `json:"warning,omitempty"`
		Summary    []summaryJSON `json:"summary"`
	}{
		AsOf: stamp(r.AsOf, r.Zone), Run: r.ID, Compared: r.Compared, NotCovered: r.NotCovered, Warning: r.Surge,
		Sources: make([]sourceJSON, 0, len(r.Sources)), Summary: []summaryJSON{},
	}
	for _, s := range r.Sources {
		head.Sources = append(head.Sources, sourceJSON{
			Name: s.Name, Side: s.Side, State: s.State, Complete: s.Complete, Snapshot: s.Snapshot,
			Records: s.Records, Rejected: s.Rejected, AsOf: stamp(s.DataAsOf, r.Zone),
			Reason: strings.TrimSpace(s.Reason + " " + s.Command),
		})
	}
	for _, s := range r.Summary {
		if n := len(head.Summary); n > 0 && head.Summary[n-1].Kind == s.Kind && head.Summary[n-1].Department == s.Department && head.Summary[n-1].State == s.State {
			head.Summary[n-1].Count += s.Count
			continue
		}
		head.Summary = append(head.Summary, summaryJSON{s.Kind, s.Department, s.State, s.Count})
	}
	text, err := json.Marshal(head)
	if err != nil {
		return fmt.Errorf("json: %w", err)
	}
	// The head's closing brace gives way to the list.
	if _, err := fmt.Fprintf(w, "%s,\n\"discrepancies\":[", text[:len(text)-1]); err != nil {
		return err
	}
	if err := listJSON(w, r.Zone, each); err != nil {
		return err
	}
	_, err = io.WriteString(w, "\n]}\n")
	return err
}

// ListJSON writes discrepancies alone, as an array.
func ListJSON(w io.Writer, zone *time.Location, each Each) error {
	if _, err := io.WriteString(w, "["); err != nil {
		return err
	}
	if err := listJSON(w, zone, each); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n]\n")
	return err
}

func listJSON(w io.Writer, zone *time.Location, each Each) error {
	separator := "\n"
	return each(func(l *app.Listed) error {
		text, err := json.Marshal(discrepancyOf(l, zone))
		if err != nil {
			return fmt.Errorf("json: discrepancy %s: %w", l.ID, err)
		}
		if _, err := io.WriteString(w, separator); err != nil {
			return err
		}
		separator = ",\n"
		_, err = w.Write(text)
		return err
	})
}

// discrepancyOf writes a discrepancy in the shape of the API.
func discrepancyOf(l *app.Listed, zone *time.Location) web.Discrepancy {
	return web.DiscrepancyOf(&l.Discrepancy, l.Platform, l.Office, zone)
}

// stamp writes a moment as RFC 3339 in the configured zone; "" where unknown.
func stamp(t time.Time, zone *time.Location) string { return web.Stamp(t, zone) }
