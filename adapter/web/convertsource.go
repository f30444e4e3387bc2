package web

import (
	"strings"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// SnapshotOf writes one reading of a source.
func SnapshotOf(s *reconcile.Snapshot, zone *time.Location) Snapshot {
	item := Snapshot{
		ID: s.ID, Source: s.Source, Side: s.Side, Mode: s.Mode, State: s.State, StartedAt: Stamp(s.StartedAt, zone), EndedAt: Stamp(s.EndedAt, zone),
		Records: s.Records, Rows: s.Rows, Rejected: s.Rejected, Skipped: s.Skipped, Pages: s.Pages, Requests: s.Requests,
		Cause: s.Cause, Reason: s.Reason, AcceptedBy: s.AcceptedBy,
	}
	if s.DeclaredTotal >= 0 {
		total := s.DeclaredTotal
		item.DeclaredTotal = &total
	}
	return item
}

// Attempted fills in all that is of the last attempt, in both places where it is
// shown. A held snapshot is told with the command that accepts it.
func (s *Source) Attempted(snap *reconcile.Snapshot, command string, zone *time.Location) {
	s.LastAttempt = &Attempt{
		At: Stamp(snap.StartedAt, zone), Mode: snap.Mode, State: snap.State, Complete: snap.EndReached && snap.State != reconcile.SnapshotPartial, Cause: snap.Cause, Reason: snap.Reason,
		Seconds: snap.EndedAt.Sub(snap.StartedAt).Seconds(), Pages: snap.Pages, Rows: snap.Rows, Requests: snap.Requests,
		Rejected: snap.Rejected, Snapshot: snap.ID,
	}
	s.State, s.Complete, s.Snapshot, s.Rejected, s.Reason = snap.State, s.LastAttempt.Complete, snap.ID, snap.Rejected, snap.Reason
	s.Up = snap.State == reconcile.SnapshotAccepted
	if snap.State == reconcile.SnapshotHeld {
		s.HeldSnapshot, s.Command = snap.ID, command
	}
}

// Every writes a period as the configuration does: "15m", "5s", "1h30m".
func Every(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	text := d.String()
	for _, idle := range [...]string{"m0s", "h0m"} {
		if strings.HasSuffix(text, idle) {
			text = strings.TrimSuffix(text, idle[1:])
		}
	}
	return text
}
