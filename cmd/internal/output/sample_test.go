package output

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/cmd/internal/app"
	"github.com/doisoat/doisoat/cmd/internal/config"
	"github.com/doisoat/doisoat/reconcile"
)

var update = flag.Bool("update", false, "write the golden files anew")

// hanoi is fixed, so that the tests need no zone database.
var hanoi = time.FixedZone("+07", 7*60*60)

func at(text string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", text, hanoi)
	if err != nil {
		panic(err)
	}
	return t
}

func moment(text string) reconcile.Moment { return reconcile.Moment{Time: at(text)} }

func onDay(text string) reconcile.Moment {
	return reconcile.Moment{Time: at(text + " 00:00"), DateOnly: true}
}

// golden compares with a file in testdata, or writes it with -update.
func golden(t *testing.T, name string, write func(io.Writer) error) []byte {
	t.Helper()
	var got bytes.Buffer
	if err := write(&got); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
	return got.Bytes()
}

// columnsOf is how many columns of a terminal a line takes: marks stand above
// their letters, East Asian wide forms do not occur here.
func columnsOf(line string) int {
	n := 0
	for _, r := range line {
		if !unicode.Is(unicode.Mn, r) {
			n++
		}
	}
	return n
}

func fits(t *testing.T, text string) {
	t.Helper()
	for _, line := range strings.Split(text, "\n") {
		if n := columnsOf(line); n > Width {
			t.Errorf("%d columns: %s", n, line)
		}
		if strings.HasSuffix(line, " ") {
			t.Errorf("blanks at the end: %q", line)
		}
	}
}

// listed is two discrepancies: one of everything, and one with as little as can be.
func listed() []app.Listed {
	return []app.Listed{
		{
			Discrepancy: reconcile.Discrepancy{
				ID: "3f2a9c0d11e45b67", Kind: reconcile.ResolvedNotClosed, Code: "000.00.16.H57-180611-0004", Department: "VPDKDD",
				State: reconcile.StateWaived, Effect: reconcile.FalseOverdue, Reason: `platform processing, office "returned", since 13/06/2018`,
				Since: at("2018-06-13 09:30"), FirstDetectedAt: at("2018-06-14 10:00"), OpenedAt: at("2018-06-14 10:00"), Reopened: 2,
				SetBy: "lan", Note: "Chờ thuế <xác nhận> & ký", WaivedUntil: at("2018-08-01 00:00"), ResolvedAt: time.Time{},
			},
			Platform: &reconcile.Record{
				Source: "dvc-hue", Side: reconcile.Platform, Code: "000.00.16.H57-180611-0004", Procedure: "1.000948", Field: "VPDKDD", Department: "VPDKDD",
				Status: reconcile.Processing, Group: reconcile.Open, RawStatus: "4", ReceivedAt: moment("2018-06-11 08:05"), DueAt: moment("2018-06-25 17:00"),
			},
			Office: &reconcile.Record{
				Source: "vpdkdd", Side: reconcile.Office, Code: "000.00.16.H57-180611-0004", Department: "VPDKDD",
				Status: reconcile.Returned, Group: reconcile.Done, RawStatus: "5", ReceivedAt: onDay("2018-06-11"), DueAt: moment("2018-06-25 17:00"),
				ExtendedDueAt: onDay("2018-06-29"), CompletedAt: moment("2018-06-13 09:30"), ReturnedAt: moment("2018-06-13 11:30"), UpdatedAt: moment("2018-06-13 11:31"),
			},
		},
		{
			Discrepancy: reconcile.Discrepancy{
				ID: "00000000000000aa", Kind: reconcile.DuplicateCode, Code: "=CMD()", Side: reconcile.Office, State: reconcile.StateOpen,
				Effect: reconcile.EffectNone, Reason: "tp holds the code more than once", Since: at("2018-07-02 08:00"), FirstDetectedAt: at("2018-07-02 08:00"),
			},
		},
	}
}

func each(list []app.Listed) Each {
	return func(do func(*app.Listed) error) error {
		for i := range list {
			if err := do(&list[i]); err != nil {
				return err
			}
		}
		return nil
	}
}

// sampleRun is a run in which one source failed and one was held.
func sampleRun() *Run {
	return &Run{
		ID: 12, AsOf: at("2018-07-02 08:00"), Zone: hanoi, Compared: 1889, NotCovered: 3, Config: "doisoat.yaml",
		Departments: []string{"TP", "VPDKDD"},
		Sources: []Source{
			{Name: "dvc-hue", Side: reconcile.Platform, State: reconcile.SnapshotAccepted, Complete: true, Snapshot: 7, Records: 1907, Rejected: 2, DataAsOf: at("2018-07-02 07:55")},
			{Name: "tp", Side: reconcile.Office, State: reconcile.SnapshotHeld, Complete: true, Snapshot: 8, Records: 70, DataAsOf: at("2018-06-30 07:55"),
				Reason: "only 3 dossiers, 67 fewer than the 70 last accepted", Command: "doisoat snapshot accept --config doisoat.yaml 8"},
			{Name: "vpdkdd", Side: reconcile.Office, State: reconcile.SnapshotFailed, Snapshot: 9, Reason: "connection refused; is the server running?"},
		},
		Summary: []store.Summary{
			{Kind: reconcile.DuplicateCode, Department: "", State: reconcile.StateOpen, Effect: reconcile.EffectNone, Count: 1},
			{Kind: reconcile.ResolvedNotClosed, Department: "VPDKDD", State: reconcile.StateOpen, Effect: reconcile.FalseOverdue, Count: 20},
			{Kind: reconcile.ResolvedNotClosed, Department: "VPDKDD", State: reconcile.StateOpen, Effect: reconcile.EffectNone, Count: 4},
			{Kind: reconcile.ResolvedNotClosed, Department: "VPDKDD", State: reconcile.StateWaived, Effect: reconcile.FalseOverdue, Count: 1},
			{Kind: reconcile.ClosedInProgress, Department: "TP", State: reconcile.StateSuspected, Effect: reconcile.HiddenOverdue, Count: 1200},
		},
	}
}

// sampleReport is a period with one department that agrees, one that does not,
// and one that only the data knows.
func sampleReport() *app.Report {
	r := &app.Report{From: at("2018-04-01 00:00"), To: at("2018-06-30 00:00"), AsOf: at("2018-07-02 08:00")}
	add := func(code, name string, reported, verified reconcile.Counts) {
		r.Rows = append(r.Rows, app.ReportRow{Department: code, Name: name, TallyRow: reconcile.TallyRow{Reported: reported, Verified: verified}})
		r.Total.Reported.Add(reported)
		r.Total.Verified.Add(verified)
	}
	same := reconcile.Counts{ResolvedOnTime: 1}
	add("KT", "Phòng Kinh tế", same, same)
	add("VPDKDD", "Chi nhánh văn phòng đăng ký đất đai",
		reconcile.Counts{ResolvedOnTime: 714, ResolvedLate: 227, InProgressOnTime: 368, InProgressOverdue: 9},
		reconcile.Counts{ResolvedOnTime: 782, ResolvedLate: 163, InProgressOnTime: 356, InProgressOverdue: 22})
	add("XX", "XX", reconcile.Counts{InProgressOverdue: 1}, reconcile.Counts{InProgressOnTime: 1})
	r.Total.UnknownDue, r.Total.UnknownEnd = 3, 1
	return r
}

// inHanoi is a program without departments, for what only needs the zone.
func inHanoi() *app.App { return &app.App{Config: &config.Config{Zone: hanoi}} }
