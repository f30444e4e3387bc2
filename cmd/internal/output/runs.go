package output

import (
	"fmt"
	"io"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
)

type runJSON struct {
	ID         int64         `json:"id"`
	Kind       store.RunKind `json:"run"`
	Day        string        `json:"day,omitempty"`
	StartedAt  string        `json:"started_at"`
	EndedAt    string        `json:"ended_at"`
	AsOf       string        `json:"as_of"`
	Full       bool          `json:"full"`
	Examined   int           `json:"examined"`
	Compared   int           `json:"compared"`
	Opened     int           `json:"opened"`
	Resolved   int           `json:"resolved"`
	Reopened   int           `json:"reopened"`
	Skipped    []string      `json:"departments_skipped,omitempty"`
	Held       bool          `json:"held"`
	Surge      string        `json:"surge,omitempty"`
	ReleasedBy string        `json:"released_by,omitempty"`
	ReleasedAt string        `json:"released_at,omitempty"`
}

func jsonOfRun(r *store.Run, zone *time.Location) runJSON {
	return runJSON{
		ID: r.ID, Kind: r.Kind, Day: r.Day, StartedAt: stamp(r.StartedAt, zone), EndedAt: stamp(r.EndedAt, zone), AsOf: stamp(r.AsOf, zone),
		Full: r.Summary.Full, Examined: r.Summary.Examined, Compared: r.Summary.ComparedTotal(), Opened: r.Summary.Opened,
		Resolved: r.Summary.Resolved, Reopened: r.Summary.Reopened, Skipped: r.Summary.Skipped, Held: r.Held, Surge: r.Summary.Surge,
		ReleasedBy: r.ReleasedBy, ReleasedAt: stamp(r.ReleasedAt, zone),
	}
}

// RunsJSON writes runs as an array.
func RunsJSON(w io.Writer, list []store.Run, zone *time.Location) error {
	out := make([]runJSON, len(list))
	for i := range list {
		out[i] = jsonOfRun(&list[i], zone)
	}
	return indented(w, out)
}

// RunJSON writes one run.
func RunJSON(w io.Writer, r *store.Run, zone *time.Location) error {
	return indented(w, jsonOfRun(r, zone))
}

// RunsTable writes runs for a terminal. config is the file that the command to
// release a held run names.
func RunsTable(w io.Writer, list []store.Run, zone *time.Location, config string) error {
	p := newPrinter(w)
	if len(list) == 0 {
		p.printf("No runs.\n")
		return p.err
	}
	g := &grid{
		header: []string{"ID", "RUN", "ENDED AT", "EXAMINED", "OPENED", "RESOLVED", "CAME BACK", "SKIPPED", ""}, right: []int{1, 4, 5, 6, 7, 8},
	}
	for i := range list {
		r := &list[i]
		g.add(r.ID, string(r.Kind), clock(r.EndedAt, zone), number(r.Summary.Examined), count(r.Summary.Opened), count(r.Summary.Resolved),
			count(r.Summary.Reopened), count(len(r.Summary.Skipped)), heldWord(r))
	}
	p.print(g)
	for i := range list {
		if r := &list[i]; r.Held {
			p.paragraph("! ", fmt.Sprintf("run %d is held: %s. Look into it; if it is real: doisoat run release --config %s %d", r.ID, r.Summary.Surge, config, r.ID))
		}
	}
	return p.err
}

func heldWord(r *store.Run) string {
	switch {
	case r.Held:
		return "held"
	case r.ReleasedBy != "":
		return "released by " + r.ReleasedBy
	}
	return ""
}
