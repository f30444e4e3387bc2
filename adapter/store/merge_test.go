package store

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// What is the same must not be written again. That a dossier becomes what it
// should is shown on whole stores, in storetest.
func TestMergeKnowsWhatIsTheSame(t *testing.T) {
	row := func(print uint64, status string) Row {
		return Row{Code: "A", Fingerprint: print, Values: []string{"A", status}, SeenFrom: 1, key: KeyOf("A")}
	}
	mark := Row{Code: "A", Unreadable: true, SeenFrom: 1, key: KeyOf("A")}
	unread := Row{Code: "A", Fingerprint: noPrint, Values: []string{"A", "open"}, SeenFrom: 1, seenUntil: 5, key: KeyOf("A")}
	tests := []struct {
		name       string
		old        []Row
		seen       []bool
		fresh      []Row
		partly     bool // an incremental poll
		same       bool
		rows       int
		isChanged  bool
		wasVersion bool
	}{
		{"came as it was", []Row{row(1, "open")}, []bool{true}, nil, false, true, 1, false, false},
		{"did not come, incremental", []Row{row(1, "open")}, []bool{false}, nil, true, true, 1, false, false},
		{"did not come", []Row{row(1, "open")}, []bool{false}, nil, false, false, 0, true, true},
		{"another fingerprint alone", []Row{row(1, "open")}, []bool{false}, []Row{row(2, "open")}, false, false, 1, false, false},
		{"changed", []Row{row(1, "open")}, []bool{false}, []Row{row(2, "done")}, false, false, 1, true, true},
		{"unreadable for the first time", []Row{row(1, "open")}, []bool{false}, []Row{mark}, false, false, 1, false, false},
		{"unreadable again", []Row{unread}, []bool{false}, []Row{mark}, false, true, 1, false, false},
		{"unreadable again, incremental", []Row{unread}, []bool{false}, []Row{mark, mark}, true, true, 1, false, false},
		{"readable again", []Row{unread}, []bool{false}, []Row{row(2, "open")}, false, false, 1, false, false},
		{"readable again and changed", []Row{unread}, []bool{false}, []Row{row(2, "done")}, false, false, 1, true, true},
		{"a mark again", []Row{mark}, []bool{false}, []Row{mark, mark}, false, true, 1, false, false},
		{"a mark, new", nil, nil, []Row{mark, mark}, false, false, 1, true, false},
		{"a mark beside what came as it was", []Row{row(1, "open")}, []bool{true}, []Row{mark}, false, true, 1, false, false},
		{"a mark's end", []Row{mark}, []bool{false}, nil, false, false, 0, true, false},
	}
	for _, test := range tests {
		m := merger{full: !test.partly, startedAt: 9, seenUntil: 5}
		out := m.bucket(test.old, func(i int) bool { return test.seen[i] }, test.fresh)
		got := []any{out.same, len(out.rows), len(out.changed) > 0, len(out.versions) > 0}
		if diff := cmp.Diff([]any{test.same, test.rows, test.isChanged, test.wasVersion}, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: same, rows, changed, version (-want +got):\n%s", test.name, diff)
		}
	}
}
