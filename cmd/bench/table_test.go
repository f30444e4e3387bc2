package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTable(t *testing.T) {
	tab := table{title: "Rates", header: []string{"source", "rows/s"}, notes: []string{"One machine."}}
	tab.add("sổ theo dõi", "1,200")
	tab.add("CSV|TSV", "–")
	for _, c := range []struct {
		name     string
		markdown bool
		want     string
	}{
		{"terminal", false, `Rates
  source       rows/s
  sổ theo dõi   1,200
  CSV|TSV           –
  One machine.

`},
		{"README", true, `Rates

| source | rows/s |
| --- | ---: |
| sổ theo dõi | 1,200 |
| CSV\|TSV | – |

One machine.

`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			if err := tab.write(&out, c.markdown); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, out.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestNumbersAreWrittenForPeople(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{count(0), "0"}, {count(999), "999"}, {count(1000), "1,000"}, {count(-1234567), "-1,234,567"}, {count(-123), "-123"},
		{rounded(0), "0"}, {rounded(7.4), "7"}, {rounded(123_456), "123,000"}, {rounded(1_995_500), "2,000,000"},
		{seconds(1234 * time.Millisecond), "1.23"}, {megabytes(359_500_000), "360"}, {times(0.5), "0.50×"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestReportJudgesByTheTargets(t *testing.T) {
	r := results{
		Dossiers: 1_000_000,
		Join:     usage{1100 * time.Millisecond, 2 * time.Second, 400_000_000}, Idle: usage{100 * time.Millisecond, 100 * time.Millisecond, 40_000_000},
		First:   usage{12 * time.Second, 15 * time.Second, 360_000_000},
		Again:   usage{1010 * time.Millisecond, time.Second, 361_000_000},
		Changed: usage{1210 * time.Millisecond, time.Second, 100_000_000},
	}
	smaller := results{Dossiers: 100_000, Join: r.Join, First: usage{Peak: 90_000_000}, Again: r.Again, Changed: r.Changed}
	tab := report(r, &smaller, "here")
	verdicts := map[string][]string{}
	for _, row := range tab.rows {
		verdicts[row[0]] = row[6:]
	}
	want := map[string][]string{
		"DuckDB, bare join of the same files":       {"", "", "", ""},
		"reading and hashing every row in plain Go": {"", "", "", ""},
		"doisoat, first load":                       {"≤ 12×", "met", "≤ 360 MB", "met"},
		"doisoat, next run, nothing changed":        {"≤ 1×", "missed", "≤ 360 MB", "missed"},
		"doisoat, 1,000 dossiers changed":           {"≤ 1.21 s", "met", "≤ 360 MB", "met"},
	}
	if diff := cmp.Diff(want, verdicts); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if notes := strings.Join(tab.notes, "\n"); !strings.Contains(notes, "first load 4.00×") || !strings.Contains(notes, "100,000 dossiers") {
		t.Errorf("the notes do not tell how memory grows:\n%s", notes)
	}
}

func TestAMissingServerIsSaidAndLeftOut(t *testing.T) {
	m := measured{Rows: 1000, Sources: []rate{{Name: "CSV", New: 1e6, Known: 2e6}, {Name: "MariaDB", Absent: "not measured: no server"}}}
	tab := m.tables("here")[0]
	if diff := cmp.Diff([][]string{{"CSV", "1,000,000", "2,000,000"}, {"MariaDB", "–", "–"}}, tab.rows); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if last := tab.notes[len(tab.notes)-1]; last != "MariaDB: not measured: no server." {
		t.Errorf("note %q", last)
	}
}

func TestResultsOfATenthAreFoundAgain(t *testing.T) {
	dir := t.TempDir()
	small := results{Dossiers: 1000, First: usage{Peak: 7}}
	if got, err := keepResults(dir, small); err != nil || got != nil {
		t.Errorf("%+v, %v; there is no smaller one yet", got, err)
	}
	got, err := keepResults(dir, results{Dossiers: 10_000})
	if err != nil || got == nil || *got != small {
		t.Errorf("%+v, %v; want %+v", got, err, small)
	}
}
