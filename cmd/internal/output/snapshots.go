package output

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

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

// SnapshotJSON writes one snapshot.
func SnapshotJSON(w io.Writer, s *reconcile.Snapshot, zone *time.Location) error {
	return indented(w, snapshotOf(s, nil, zone))
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
		item.RejectedRows = append(item.RejectedRows, rejectedOf(r))
	}
	return item
}

func rejectedOf(r reconcile.Rejected) rejectedJSON {
	return rejectedJSON{r.Position.Place, r.Position.Row, r.Cause, r.Reason, r.Code}
}

func indented(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}

// SnapshotsTable writes snapshots for a terminal.
func SnapshotsTable(w io.Writer, list []reconcile.Snapshot, rejected map[int64][]reconcile.Rejected, zone *time.Location) error {
	p := newPrinter(w)
	if len(list) == 0 {
		p.printf("No snapshots; doisoat reconcile takes one of every source.\n")
		return p.err
	}
	g := &grid{
		header: []string{"ID", "SOURCE", "STATE", "READ AT", "DOSSIERS", "ROWS", "REJECTED", "SKIPPED"}, right: []int{1, 5, 6, 7, 8},
		give: []narrow{{2, 16, true}},
	}
	for i := range list {
		s := &list[i]
		g.add(s.ID, s.Source, p.state(s.State), clock(s.StartedAt, zone), number(s.Records), number(s.Rows), count(s.Rejected), count(s.Skipped))
	}
	p.print(g)
	for i := range list {
		s := &list[i]
		if s.Reason != "" {
			p.paragraph("! ", fmt.Sprintf("%d %s: %s", s.ID, s.Source, s.Reason))
		}
		for _, r := range rejected[s.ID] {
			p.paragraph("- ", fmt.Sprintf("%s: %s: %s", s.Source, r.Position, r.Reason))
		}
	}
	return p.err
}
