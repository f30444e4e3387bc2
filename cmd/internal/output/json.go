package output

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

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

// discrepancyJSON is the shape of JSON.md.
type discrepancyJSON struct {
	ID              string           `json:"id"`
	Kind            reconcile.Kind   `json:"kind"`
	Side            reconcile.Side   `json:"side,omitempty"`
	Code            string           `json:"code"`
	Department      string           `json:"department"`
	State           reconcile.State  `json:"state"`
	Effect          reconcile.Effect `json:"deadline_effect"`
	Since           string           `json:"since"`
	FirstDetectedAt string           `json:"first_detected_at"`
	Reopened        int              `json:"reopened,omitempty"`
	WaivedUntil     string           `json:"waived_until,omitempty"`
	SetBy           string           `json:"set_by,omitempty"`
	Note            string           `json:"note,omitempty"`
	ResolvedAt      string           `json:"resolved_at,omitempty"`
	Reason          string           `json:"reason"`
	Platform        *recordJSON      `json:"platform"`
	Office          *recordJSON      `json:"office"`
}

// recordJSON is one side's view in canonical terms; moments that the source does
// not give are left out, and those without a time of day are written as a date.
type recordJSON struct {
	Source        string           `json:"source"`
	Code          string           `json:"code"`
	Procedure     string           `json:"procedure,omitempty"`
	Field         string           `json:"field,omitempty"`
	Department    string           `json:"department"`
	Status        reconcile.Status `json:"status"`
	RawStatus     string           `json:"raw_status"`
	ReceivedAt    string           `json:"received_at,omitempty"`
	DueAt         string           `json:"due_at,omitempty"`
	ExtendedDueAt string           `json:"extended_due_at,omitempty"`
	CompletedAt   string           `json:"completed_at,omitempty"`
	ReturnedAt    string           `json:"returned_at,omitempty"`
	UpdatedAt     string           `json:"updated_at,omitempty"`
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

func discrepancyOf(l *app.Listed, zone *time.Location) discrepancyJSON {
	return discrepancyJSON{
		ID: l.ID, Kind: l.Kind, Side: l.Side, Code: l.Code, Department: l.Department, State: l.State, Effect: l.Effect,
		Since: stamp(l.Since, zone), FirstDetectedAt: stamp(l.FirstDetectedAt, zone), Reopened: l.Reopened,
		WaivedUntil: stamp(l.WaivedUntil, zone), SetBy: l.SetBy, Note: l.Note, ResolvedAt: stamp(l.ResolvedAt, zone), Reason: l.Reason,
		Platform: recordOf(l.Platform, zone), Office: recordOf(l.Office, zone),
	}
}

func recordOf(r *reconcile.Record, zone *time.Location) *recordJSON {
	if r == nil {
		return nil
	}
	return &recordJSON{
		Source: r.Source, Code: r.Code, Procedure: r.Procedure, Field: r.Field, Department: r.Department, Status: r.Status, RawStatus: r.RawStatus,
		ReceivedAt: momentOf(r.ReceivedAt, zone), DueAt: momentOf(r.DueAt, zone), ExtendedDueAt: momentOf(r.ExtendedDueAt, zone),
		CompletedAt: momentOf(r.CompletedAt, zone), ReturnedAt: momentOf(r.ReturnedAt, zone), UpdatedAt: momentOf(r.UpdatedAt, zone),
	}
}

// stamp writes a moment as RFC 3339 in the configured zone; "" where unknown.
func stamp(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format(time.RFC3339)
}

func momentOf(m reconcile.Moment, zone *time.Location) string {
	if m.DateOnly {
		return m.Time.Format(time.DateOnly)
	}
	return stamp(m.Time, zone)
}
