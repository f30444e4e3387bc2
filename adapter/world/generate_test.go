package world

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// judgeFolder reads a world's folder back and asks the oracle about it.
func judgeFolder(t *testing.T, dir string, w *World, q Question) Truth {
	t.Helper()
	platform, err := LoadPlatform(os.DirFS(dir), "platform.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var offices []OfficeRecords
	for _, o := range w.Offices {
		records, err := ReadOffice(filepath.Join(dir, o.File()))
		if err != nil {
			t.Fatal(err)
		}
		offices = append(offices, OfficeRecords{o.Department, records})
	}
	return Decide(q, platform, offices)
}

// Whatever form the offices have, the files say what the truth says.
func TestGeneratedWorldReadsBack(t *testing.T) {
	for i, as := range []string{"mixed", "xlsx", "csv", "sqlite"} {
		style := Styles[i%len(Styles)]
		t.Run(as+" "+string(style), func(t *testing.T) {
			o := Options{Seed: uint64(i), Dossiers: 700, OfficesAs: as, Style: style, Rejected: true, PersonData: true, NotCovered: []string{"TCKH"}}
			w, err := Generate(o)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			w.PlatformURL = "http://127.0.0.1:7"
			if err := w.Write(dir); err != nil {
				t.Fatal(err)
			}
			written, err := LoadTruth(os.DirFS(dir), "truth.json")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(written, judgeFolder(t, dir, w, sampleQuestion(t, written))); diff != "" {
				t.Errorf("truth (-written +read back):\n%s", diff)
			}
			config, err := os.ReadFile(filepath.Join(dir, "doisoat.yaml"))
			if err != nil || !strings.Contains(string(config), "url: http://127.0.0.1:7\n") {
				t.Errorf("configuration (%v):\n%s", err, config)
			}
			secret, err := os.Stat(filepath.Join(dir, "secrets/platform"))
			if err != nil || secret.Mode().Perm() != 0o600 {
				t.Errorf("secret: %v %v", secret, err)
			}
			if p, err := w.Serve(PlatformOptions{}); err != nil || p.Len() != len(w.Platform) {
				t.Errorf("the platform of this world: %v", err)
			}
		})
	}
}

// Many seeds: what was planted and what the oracle finds agree (Generate fails
// otherwise), and every planting comes.
func TestPlantingsAgreeWithTheOracle(t *testing.T) {
	for seed := range uint64(5) {
		w, err := Generate(Options{Seed: seed, Dossiers: 1500, Mismatch: 0.4, Rejected: true})
		if err != nil {
			t.Error(err)
			continue
		}
		kinds := map[string]bool{}
		for _, f := range append(w.Truth.Open, w.Truth.Suspected...) {
			kinds[f.Kind] = true
		}
		if len(kinds) != 12 {
			t.Errorf("seed %d: %d kinds, want the 12 that need no history: %v", seed, len(kinds), kinds)
		}
		if len(w.Planted) < 18 || len(w.Truth.Suspected) == 0 {
			t.Errorf("seed %d: planted %v, %d suspected", seed, w.Planted, len(w.Truth.Suspected))
		}
	}
}

func TestGenerateIsDeterministic(t *testing.T) {
	one, err := Generate(Options{Seed: 5, Dossiers: 400})
	if err != nil {
		t.Fatal(err)
	}
	two, err := Generate(Options{Seed: 5, Dossiers: 400})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(one, two); diff != "" {
		t.Error(diff)
	}
	other, err := Generate(Options{Seed: 6, Dossiers: 400})
	if err != nil {
		t.Fatal(err)
	}
	if cmp.Equal(one.Truth, other.Truth) {
		t.Error("another seed gave the same truth")
	}
}

func TestWorldWithoutMismatches(t *testing.T) {
	w, err := Generate(Options{Seed: 1, Dossiers: 500, Mismatch: -1})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(w.Truth.Open) + len(w.Truth.Suspected); n != 0 {
		t.Errorf("%d discrepancies, want none", n)
	}
}

func TestUnconnectedDepartmentIsNeverFlagged(t *testing.T) {
	w, err := Generate(Options{Seed: 2, Dossiers: 2000, NotCovered: []string{"VPDKDD"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(w.Truth.Open, w.Truth.Suspected...) {
		if f.Department == "VPDKDD" {
			t.Errorf("%+v", f)
		}
	}
	if w.Truth.Reported["VPDKDD"] != w.Truth.Verified["VPDKDD"] || w.Truth.Reported["VPDKDD"] == (Four{}) {
		t.Errorf("reported %v, verified %v", w.Truth.Reported["VPDKDD"], w.Truth.Verified["VPDKDD"])
	}
	for _, o := range w.Offices {
		if o.Department == "VPDKDD" {
			t.Error("its office is there")
		}
	}
}

func TestGenerateRefuses(t *testing.T) {
	day := time.Date(2018, 5, 1, 0, 0, 0, 0, vietnam)
	for name, c := range map[string]struct {
		o    Options
		want string
	}{
		"a style":             {Options{Style: "soap"}, `"soap"`},
		"a form":              {Options{OfficesAs: "pdf"}, `"pdf"`},
		"a period backwards":  {Options{From: day, To: day.AddDate(0, 0, -1)}, "period"},
		"as_of too early":     {Options{AsOf: time.Date(2018, 4, 3, 8, 0, 0, 0, vietnam)}, "60 working hours"},
		"as_of before it all": {Options{AsOf: time.Date(2017, 4, 3, 8, 0, 0, 0, vietnam)}, "before as_of"},
	} {
		if _, err := Generate(c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want it to say %s", name, err, c.want)
		}
	}
}

// PersonData must be findable by a test that looks for it in a store.
func TestPersonDataIsMarked(t *testing.T) {
	w, err := Generate(Options{Seed: 1, Dossiers: 50, PersonData: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range w.Platform {
		if !strings.HasPrefix(r.Note, "Nguyễn Thị Thử Nghiệm ") {
			t.Fatalf("dossier %s has the note %q", r.Code, r.Note)
		}
	}
}

func TestWorkingTime(t *testing.T) {
	clock := func(text string) time.Time {
		m, err := time.ParseInLocation("2006-01-02 15:04", text, vietnam)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	c := Calendar2018()
	c.Workdays = []time.Time{clock("2018-06-16 00:00")}
	for _, x := range []struct {
		name, from, to string
		want           time.Duration
	}{
		{"a whole day", "2018-06-29 00:00", "2018-06-29 23:00", 8 * time.Hour},
		{"over noon", "2018-06-29 11:00", "2018-06-29 14:00", time.Hour},
		{"over a weekend", "2018-06-29 16:00", "2018-07-02 08:00", 2 * time.Hour},
		{"over a holiday", "2018-04-24 16:00", "2018-04-26 08:00", 2 * time.Hour},
		{"over a worked Saturday", "2018-06-15 17:00", "2018-06-18 07:00", 8 * time.Hour},
		{"backwards", "2018-06-29 16:00", "2018-06-29 08:00", 0},
	} {
		if got := c.between(clock(x.from), clock(x.to)); got != x.want {
			t.Errorf("%s: %v, want %v", x.name, got, x.want)
		}
	}
	asOf := clock("2018-07-02 08:00")
	for minutes := 0; minutes < 4000; minutes += 3 {
		d := time.Duration(minutes) * time.Minute
		if got := c.between(c.before(asOf, d), asOf); got != d {
			t.Fatalf("%v before as_of is %v before it", d, got)
		}
	}
	if got := c.workdaysLater(clock("2018-04-24 09:00"), 2); !got.Equal(clock("2018-04-27 17:00")) {
		t.Errorf("two working days after the 24th of April: %v", got)
	}
}

func BenchmarkGenerate(b *testing.B) {
	for b.Loop() {
		if _, err := Generate(Options{Dossiers: 30_000}); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleGenerate() {
	w, err := Generate(Options{Seed: 1, Dossiers: 100})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(w.Truth.AsOf, len(w.Offices), w.Offices[0].File())
	// Output: 2018-07-02T08:00:00+07:00 10 offices/kt.csv
}
