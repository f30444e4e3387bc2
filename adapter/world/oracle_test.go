package world

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// sampleOffices are the embedded world's offices, as their files say.
var sampleOffices = []string{"kt.csv", "tnmt.db", "qldt.xlsx", "tp.xlsx", "nv.csv", "ldtbxh.db", "tckh.csv", "yt.csv", "gddt.xlsx", "vpdkdd.db"}

// The oracle's conventions are those of the sample: from the sample's own files
// it must reach the sample's truth, letter by letter.
func TestOracleReachesTheSamplesTruth(t *testing.T) {
	want, err := LoadTruth(Sample(), "truth.json")
	if err != nil {
		t.Fatal(err)
	}
	platform, err := SamplePlatform()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := Extract(dir, ExtractOptions{}); err != nil {
		t.Fatal(err)
	}
	got := Decide(sampleQuestion(t, want), platform, readSampleOffices(t, dir))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("truth (-sample +oracle):\n%s", diff)
	}
}

func sampleQuestion(t *testing.T, truth Truth) Question {
	t.Helper()
	asOf, err := time.Parse(time.RFC3339, truth.AsOf)
	if err != nil {
		t.Fatal(err)
	}
	day := func(text string) time.Time {
		d, err := time.ParseInLocation(time.DateOnly, text, vietnam)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	q := Question{AsOf: asOf, From: day(truth.Period[0]), To: day(truth.Period[1]), Calendar: Calendar2018()}
	for d := range truth.Reported {
		q.Departments = append(q.Departments, d)
	}
	return q
}

func readSampleOffices(t *testing.T, dir string) []OfficeRecords {
	t.Helper()
	var offices []OfficeRecords
	for _, file := range sampleOffices {
		records, err := ReadOffice(filepath.Join(dir, "offices", file))
		if err != nil {
			t.Fatal(err)
		}
		code, _, _ := strings.Cut(file, ".")
		offices = append(offices, OfficeRecords{Department: strings.ToUpper(code), Records: records})
	}
	return offices
}
