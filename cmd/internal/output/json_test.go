package output

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/cmd/internal/app"
	"github.com/doisoat/doisoat/reconcile"
)

func TestRunAsJSONHasTheShapeOfTheAPI(t *testing.T) {
	text := golden(t, "run.json", func(w io.Writer) error { return JSON(w, sampleRun(), each(listed())) })
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	// The names of JSON.md; others may come beside them.
	for path, want := range map[string][]string{
		"":              {"as_of", "run", "sources", "compared", "not_covered", "summary", "discrepancies"},
		"sources":       {"name", "side", "state", "complete", "records", "rejected", "as_of", "reason"},
		"summary":       {"kind", "department", "state", "count"},
		"discrepancies": {"id", "kind", "code", "department", "state", "deadline_effect", "since", "first_detected_at", "reason", "platform", "office"},
	} {
		object := got
		if path != "" {
			object = got[path].([]any)[0].(map[string]any)
		}
		for _, key := range want {
			if _, ok := object[key]; !ok {
				t.Errorf("%s has no %s", path, key)
			}
		}
	}
}

func TestSummaryCountsEffectsTogether(t *testing.T) {
	var text bytes.Buffer
	if err := JSON(&text, sampleRun(), each(nil)); err != nil {
		t.Fatal(err)
	}
	var got struct{ Summary []summaryJSON }
	if err := json.Unmarshal(text.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := []summaryJSON{
		{reconcile.DuplicateCode, "", reconcile.StateOpen, 1},
		{reconcile.ResolvedNotClosed, "VPDKDD", reconcile.StateOpen, 24},
		{reconcile.ResolvedNotClosed, "VPDKDD", reconcile.StateWaived, 1},
		{reconcile.ClosedInProgress, "TP", reconcile.StateSuspected, 1200},
	}
	if diff := cmp.Diff(want, got.Summary); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNothingFoundIsStillWholeJSON(t *testing.T) {
	for name, write := range map[string]func(io.Writer) error{
		"run":       func(w io.Writer) error { return JSON(w, &Run{Zone: hanoi, Summary: []store.Summary{}}, each(nil)) },
		"list":      func(w io.Writer) error { return ListJSON(w, hanoi, each(nil)) },
		"report":    func(w io.Writer) error { return ReportJSON(w, (&app.Report{}).Wire(inHanoi())) },
		"snapshots": func(w io.Writer) error { return SnapshotsJSON(w, nil, nil, hanoi) },
		"explain":   func(w io.Writer) error { return ExplainJSON(w, &app.Explanation{}, hanoi) },
		"check":     func(w io.Writer) error { return CheckJSON(w, &Check{}, nil, hanoi) },
		"changes":   func(w io.Writer) error { return ChangesJSON(w, nil, hanoi) },
	} {
		t.Run(name, func(t *testing.T) {
			var text bytes.Buffer
			if err := write(&text); err != nil {
				t.Fatal(err)
			}
			if !json.Valid(text.Bytes()) || bytes.Contains(text.Bytes(), []byte("null")) {
				t.Errorf("%s", &text)
			}
		})
	}
}

func TestReportAsJSON(t *testing.T) {
	golden(t, "report.json", func(w io.Writer) error { return ReportJSON(w, sampleReport().Wire(inHanoi())) })
}

func TestAFailingListStopsTheOutput(t *testing.T) {
	broken := errors.New("the database is gone")
	failing := func(func(*app.Listed) error) error { return broken }
	for name, write := range map[string]func(io.Writer) error{
		"json":  func(w io.Writer) error { return JSON(w, sampleRun(), failing) },
		"list":  func(w io.Writer) error { return ListJSON(w, hanoi, failing) },
		"csv":   func(w io.Writer) error { return CSV(w, hanoi, failing) },
		"xlsx":  func(w io.Writer) error { return XLSX(w, hanoi, failing) },
		"table": func(w io.Writer) error { return Table(w, sampleRun(), failing, 0) },
		"names": func(w io.Writer) error { return ListTable(w, hanoi, failing, 0) },
	} {
		if err := write(io.Discard); !errors.Is(err, broken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// And a reader that fails stops the list.
	full := errors.New("disk full")
	formats := map[string]func(io.Writer) error{
		"json":  func(w io.Writer) error { return JSON(w, sampleRun(), each(listed())) },
		"csv":   func(w io.Writer) error { return CSV(w, hanoi, each(slices.Repeat(listed(), 100))) },
		"xlsx":  func(w io.Writer) error { return XLSX(w, hanoi, each(listed())) },
		"table": func(w io.Writer) error { return Table(w, sampleRun(), each(listed()), 0) },
	}
	for name, write := range formats {
		if err := write(failWriter{full}); !errors.Is(err, full) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

type failWriter struct{ err error }

func (w failWriter) Write([]byte) (int, error) { return 0, w.err }
