package reconcile_test

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/reconcile"
)

func TestSnapshots(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/" + snapshotCases)
	if err != nil {
		t.Fatal(err)
	}
	_, sections := splitSections(string(text))
	given, err := parseSteps(sections[0].text)
	if err != nil {
		t.Fatal(err)
	}
	for _, section := range sections[1:] {
		t.Run(section.name, func(t *testing.T) {
			t.Parallel()
			steps, err := parseSteps(section.text)
			if err != nil {
				t.Fatal(err)
			}
			snapshot, previous := snapshotOf(t, append(given[0].settings[:len(given[0].settings):len(given[0].settings)], steps[0].settings...))
			snapshot.Judge(previous, reconcile.DefaultShrink)
			expect := steps[0].expect
			if got := string(snapshot.State); got != expect[0].key {
				t.Errorf("%s, not %s (%s)", got, expect[0].key, snapshot.Reason)
			}
			for _, f := range expect[1:] {
				if f.key == "cause" && string(snapshot.Cause) != f.value || f.key == "reason" && !strings.Contains(snapshot.Reason, f.value) {
					t.Errorf("%s %q: %s; expected %q", f.key, snapshot.Cause, snapshot.Reason, f.value)
				}
			}
			held := snapshot.State == reconcile.SnapshotHeld || snapshot.State == reconcile.SnapshotPartial && snapshot.EndReached
			if held && snapshot.Reason == "" {
				t.Error("a snapshot that is not believed must say why")
			}
		})
	}
}

func snapshotOf(t *testing.T, fields []field) (*reconcile.Snapshot, *reconcile.Snapshot) {
	t.Helper()
	s := &reconcile.Snapshot{Departments: map[string]int{}, Poll: reconcile.Poll{DeclaredTotal: -1}}
	previous := &reconcile.Snapshot{Departments: map[string]int{}}
	for _, f := range fields {
		n, err := strconv.Atoi(f.value)
		of, department, _ := strings.Cut(f.key, "of ")
		switch {
		case f.key == "mode":
			s.Mode, err = reconcile.Mode(f.value), nil
		case f.key == "end reached":
			s.EndReached, err = f.value == "yes", nil
		case f.key == "repeated":
			s.Repeated, err = f.value, nil
		case f.key == "reason":
			s.Reason, err = f.value, nil
		case f.value == "not given":
			err = nil
		case f.key == "previous" && f.value == "none":
			previous, err = nil, nil
		case f.key == "declared total":
			s.DeclaredTotal = n
		case f.key == "distinct":
			s.Distinct = n
		case f.key == "rejected":
			s.Rejected = n
		case f.key == "dossiers":
			s.Records = n
		case f.key == "previous":
			previous.Records = n
		case of == "" && department != "":
			s.Departments[department] = n
		case of == "previous " && department != "":
			previous.Departments[department] = n
		default:
			t.Fatalf("a snapshot has no %q", f.key)
		}
		if err != nil {
			t.Fatalf("%s: %v", f.key, err)
		}
	}
	s.Rows = s.Distinct - s.Rejected
	return s, previous
}

func TestSurgeNeedsBothThresholds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name             string
		opened, compared int
		limits           reconcile.Limits
		surge            bool
	}{
		{"nothing opens", 0, 1000, reconcile.DefaultSurge, false},
		{"two hundred of a thousand: not more than 200", 200, 1000, reconcile.DefaultSurge, false},
		{"more than both", 201, 1000, reconcile.DefaultSurge, true},
		{"a tenth exactly", 201, 2010, reconcile.DefaultSurge, false},
		{"just more than a tenth", 201, 2009, reconcile.DefaultSurge, true},
		{"many, but few of very many", 5000, 1_000_000, reconcile.DefaultSurge, false},
		{"own limits", 11, 100, reconcile.Limits{Percent: 5, Count: 10}, true},
		{"all of a small town", 150, 150, reconcile.DefaultSurge, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			why := reconcile.Surge(tt.opened, tt.compared, tt.limits)
			if (why != "") != tt.surge {
				t.Errorf("%d of %d: %q", tt.opened, tt.compared, why)
			}
		})
	}
}

// The table of the Q2/2018 report, department by department: its rows and
// columns add up, and so must ours.
func TestTallyGivesTheReportsOwnTable(t *testing.T) {
	t.Parallel()
	report := map[string]reconcile.Counts{
		"KT": {ResolvedOnTime: 1}, "TNMT": {ResolvedOnTime: 68, ResolvedLate: 4},
		"QLDT": {ResolvedOnTime: 173, ResolvedLate: 26, InProgressOnTime: 15}, "TP": {ResolvedOnTime: 64, ResolvedLate: 3, InProgressOnTime: 4},
		"NV": {ResolvedOnTime: 3}, "LDTBXH": {ResolvedOnTime: 117}, "TCKH": {ResolvedOnTime: 92, InProgressOnTime: 2}, "YT": {ResolvedOnTime: 1},
		"GDDT":   {ResolvedOnTime: 10, ResolvedLate: 4, InProgressOnTime: 2},
		"VPDKDD": {ResolvedOnTime: 714, ResolvedLate: 227, InProgressOnTime: 368, InProgressOverdue: 9},
	}
	var w world
	w.coverAll(at("2018-07-02", "08:00"))
	from, to := at("2018-04-01", "00:00"), at("2018-07-01", "00:00")
	halves := [2]*reconcile.Tally{reconcile.NewTally(from, to), reconcile.NewTally(from, to)}
	w.rules.Calendar = plainHours(t)
	n := 0
	for department, counts := range report {
		for _, dossiers := range []struct {
			count  int
			status reconcile.Status
			due    string
			done   string
		}{
			{counts.ResolvedOnTime, reconcile.Returned, "2018-05-10", "2018-05-09"},
			{counts.ResolvedLate, reconcile.Resolved, "2018-05-10", "2018-05-11"},
			{counts.InProgressOnTime, reconcile.Processing, "2018-07-10", ""},
			{counts.InProgressOverdue, reconcile.Received, "2018-06-20", ""},
		} {
			rec := reconcile.Record{
				Source: platformSource, Side: reconcile.Platform, Code: "H57", Department: department, Status: dossiers.status,
				Group: reconcile.DefaultGroup(dossiers.status), RawStatus: string(dossiers.status),
				ReceivedAt: reconcile.Moment{Time: at("2018-05-02", "08:00")}, DueAt: reconcile.Moment{Time: at(dossiers.due, "17:00")},
			}
			if dossiers.done != "" {
				rec.CompletedAt = reconcile.Moment{Time: at(dossiers.done, "10:00")}
			}
			for range dossiers.count {
				out := w.rules.Compare(&reconcile.Dossier{Platform: []reconcile.Record{rec}})
				halves[n%2].Add(&out)
				n++
			}
		}
	}
	halves[0].Merge(halves[1])
	got, total := map[string]reconcile.Counts{}, reconcile.Counts{}
	for department, row := range halves[0].Rows() {
		got[department] = row.Reported
		total.Add(row.Reported)
		if row.Verified != row.Reported {
			t.Errorf("%s: without an office's word the verified row is the reported one: %+v", department, row)
		}
	}
	if diff := cmp.Diff(report, got); diff != "" {
		t.Errorf("the report (-), the tally (+):\n%s", diff)
	}
	want := reconcile.Counts{ResolvedOnTime: 1243, ResolvedLate: 264, InProgressOnTime: 391, InProgressOverdue: 9}
	if total != want || total.Total() != 1907 {
		t.Errorf("total %+v, %d dossiers", total, total.Total())
	}
}

func TestTallyPeriodIncludesItsStartAndNotItsEnd(t *testing.T) {
	t.Parallel()
	var w world
	w.coverAll(at("2018-07-02", "08:00"))
	w.rules.Calendar = plainHours(t)
	for _, tt := range []struct {
		day, clock string
		counted    int
	}{{"2018-03-31", "23:59", 0}, {"2018-04-01", "00:00", 1}, {"2018-06-30", "23:59", 1}, {"2018-07-01", "00:00", 0}} {
		tally := reconcile.NewTally(at("2018-04-01", "00:00"), at("2018-07-01", "00:00"))
		out := w.rules.Compare(&reconcile.Dossier{Offices: []reconcile.Record{{
			Source: "book-a", Side: reconcile.Office, Code: "H57", Department: "KT", Status: reconcile.Processing, Group: reconcile.Open,
			ReceivedAt: reconcile.Moment{Time: at(tt.day, tt.clock).UTC()},
		}}})
		tally.Add(&out)
		row := tally.Rows()["KT"]
		if row.Verified.Total() != tt.counted || row.UnknownDue != tt.counted || row.Reported.Total() != 0 {
			t.Errorf("received %s %s: %+v", tt.day, tt.clock, row)
		}
	}
}
