package output

import (
	"encoding/json"
	"io"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/doisoat/doisoat/reconcile"
)

type snapshotJSON struct {
	ID            int64                   `json:"id"`
	Source        string                  `json:"source"`
	Side          reconcile.Side          `json:"side"`
	Mode          reconcile.Mode          `json:"mode"`
	State         reconcile.SnapshotState `json:"state"`
	StartedAt     string                  `json:"started_at"`
	EndedAt       string                  `json:"ended_at"`
	Records       int                     `json:"records"`
	Rows          int                     `json:"rows"`
	DeclaredTotal *int                    `json:"declared_total,omitempty"`
	Rejected      int                     `json:"rejected"`
	Skipped       int                     `json:"skipped"`
	Pages         int                     `json:"pages"`
	Requests      int                     `json:"requests"`
	Cause         reconcile.Cause         `json:"cause,omitempty"`
	Reason        string                  `json:"reason"`
	AcceptedBy    string                  `json:"accepted_by,omitempty"`
	RejectedRows  []rejectedJSON          `json:"rejected_rows,omitempty"`
}

type rejectedJSON struct {
	Place  string `json:"place"`
	Row    int    `json:"row,omitempty"`
	Cause  string `json:"cause"`
	Reason string `json:"reason"`
	Code   string `json:"code,omitempty"`
}

// SnapshotsJSON writes snapshots, with their rejected rows where given.
func SnapshotsJSON(w io.Writer, list []reconcile.Snapshot, rejected map[int64][]reconcile.Rejected, zone *time.Location) error {
	out := make([]snapshotJSON, 0, len(list))
	for i := range list {
		out = append(out, snapshotOf(&list[i], rejected[list[i].ID], zone))
	}
	return indented(w, out)
}

func snapshotOf(s *reconcile.Snapshot, rejected []reconcile.Rejected, zone *time.Location) snapshotJSON {
	item := snapshotJSON{
		ID: s.ID, Source: s.Source, Side: s.Side, Mode: s.Mode, State: s.State, StartedAt: stamp(s.StartedAt, zone), EndedAt: stamp(s.EndedAt, zone),
		Records: s.Records, Rows: s.Rows, Rejected: s.Rejected, Skipped: s.Skipped, Pages: s.Pages, Requests: s.Requests,
		Cause: s.Cause, Reason: s.Reason, AcceptedBy: s.AcceptedBy,
	}
	if s.DeclaredTotal >= 0 {
		item.DeclaredTotal = &s.DeclaredTotal
	}
	for _, r := range rejected {
		item.RejectedRows = append(item.RejectedRows, rejectedJSON{r.Position.Place, r.Position.Row, r.Cause, r.Reason, r.Code})
	}
	return item
}

func indented(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}

// SnapshotsTable writes snapshots for a terminal.
func SnapshotsTable(w io.Writer, list []reconcile.Snapshot, rejected map[int64][]reconcile.Rejected, zone *time.Location) error {
	p := &printer{w: w, colours: Terminal(w)}
	if len(list) == 0 {
		p.printf("No snapshots yet; run doisoat reconcile.\n")
		return p.err
	}
	t := p.table(table.Row{"ID", "SOURCE", "STATE", "READ AT", "RECORDS", "ROWS", "REJECTED", "SKIPPED"}, 1, 5, 6, 7, 8)
	for _, s := range list {
		state := string(s.State)
		if s.State != reconcile.SnapshotAccepted {
			state = p.paint(state, text.FgRed)
		}
		t.AppendRow(table.Row{s.ID, s.Source, state, day(s.StartedAt, zone, true), number(s.Records), number(s.Rows), number(s.Rejected), number(s.Skipped)})
	}
	p.printf("%s\n", t.Render())
	for _, s := range list {
		if s.Reason != "" {
			p.printf("%s\n", text.WrapSoft("! "+number(int(s.ID))+" "+s.Source+": "+s.Reason, Width))
		}
		for _, r := range rejected[s.ID] {
			p.printf("%s\n", text.WrapSoft("- "+s.Source+": "+r.Position.String()+": "+r.Reason, Width))
		}
	}
	return p.err
}
