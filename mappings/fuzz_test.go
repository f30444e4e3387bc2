package mappings

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/doisoat/doisoat/reconcile"
)

func addFiles(f *testing.F, patterns ...string) {
	for _, pattern := range patterns {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
}

// checkFaults holds what every error of a file must be: Faults, a line each.
func checkFaults(t *testing.T, err error) {
	t.Helper()
	var faults Faults
	if !errors.As(err, &faults) || len(faults) == 0 {
		t.Fatalf("%T: %v", err, err)
	}
	if lines := strings.Count(err.Error(), "\n") + 1; lines != len(faults) {
		t.Fatalf("%d faults in %d lines: %q", len(faults), lines, err)
	}
	for _, f := range faults {
		if f.Problem == "" || f.Remedy == "" {
			t.Fatalf("%+v", f)
		}
	}
}

func FuzzParse(f *testing.F) {
	addFiles(f, "*.yaml", "testdata/world/*.yaml", "testdata/mapping/*.yaml")
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Parse("m.yaml", data)
		if err != nil {
			checkFaults(t, err)
			return
		}
		table, err := s.Compile(Options{Zone: time.UTC})
		if err != nil {
			t.Fatal(err)
		}
		inputs := table.Inputs()
		if len(inputs) == 0 || table.Digest() == table.Layout() {
			t.Fatalf("inputs %q", inputs)
		}
		for _, values := range [][]string{nil, inputs, make([]string, len(inputs))} {
			recordHolds(t, table, values)
		}
	})
}

func FuzzParseCalendar(f *testing.F) {
	addFiles(f, "calendar.yaml", "testdata/calendar/*.yaml")
	f.Fuzz(func(t *testing.T, data []byte) {
		spec, err := ParseCalendar("c.yaml", data)
		if err != nil {
			checkFaults(t, err)
			return
		}
		if len(spec.Hours) == 0 || len(spec.Weekdays) == 0 {
			t.Fatalf("%+v", spec)
		}
		last := time.Duration(-1)
		for _, h := range spec.Hours {
			if h[0] <= last || h[1] <= h[0] || h[1] > 24*time.Hour {
				t.Fatalf("hours %v", spec.Hours)
			}
			last = h[1]
		}
		for _, d := range append(spec.Holidays, spec.Makeup...) {
			if _, err := time.Parse(time.DateOnly, d.Date); err != nil || d.Name == "" {
				t.Fatalf("%+v: %v", d, err)
			}
		}
	})
}

// recordHolds checks what must hold for every row whatever.
func recordHolds(t *testing.T, table *Table, values []string) {
	t.Helper()
	var rec reconcile.Record
	err := table.Record(values, &rec)
	code, codeErr := table.Code(values)
	table.Skip(values)
	if code != rec.Code {
		t.Fatalf("code %q, record's %q", code, rec.Code)
	}
	if err == nil && (codeErr != nil || rec.Code == "") {
		t.Fatalf("a record without code: %v", codeErr)
	}
	if err != nil {
		var fe *FieldError
		if !errors.As(err, &fe) || fe.Field == "" || fe.Reason == "" || strings.ContainsAny(fe.Reason, "\r\n") {
			t.Fatalf("%#v", err)
		}
	}
	if rec.Code != "" && (CanonicalCode(rec.Code) != rec.Code || !utf8.ValidString(rec.Code)) {
		t.Fatalf("code %q is not canonical", rec.Code)
	}
	if (rec.Status == "") != (rec.Group == "") {
		t.Fatalf("status %q in group %q", rec.Status, rec.Group)
	}
	for _, alias := range rec.Aliases {
		if alias == "" || alias == rec.Code || CanonicalCode(alias) != alias {
			t.Fatalf("alias %q of %q", alias, rec.Code)
		}
	}
	for _, m := range []reconcile.Moment{rec.ReceivedAt, rec.DueAt, rec.ExtendedDueAt, rec.CompletedAt, rec.ReturnedAt, rec.UpdatedAt} {
		if m.Known() && (m.Time.UTC().Year() < firstYear-1 || m.Time.UTC().Year() > lastYear+1) {
			t.Fatalf("%v", m.Time)
		}
	}
}

func FuzzRecord(f *testing.F) {
	f.Add("000.00.16.H57-180402-0018", "A,B;C\nD", "1.000948.H38", "Phòng", "waiting", "pay", "02/04/2018 07:09:00", "date:2018-04-02T07:09:00")
	f.Add(" h57 - đ1", "", ".H38", "p03", "Đang giải quyết", "", "2018-04-02T07:09:00.123Z", "date:0001-01-01")
	f.Add("a\u200b\u0301", "\xff", "1.2.000.00.00.H22", "", "4", "/", "8h ngày 2/4/18", "1530493750")
	table := mustTable(f, `
time: {zone: Asia/Ho_Chi_Minh, layouts: ["dd/MM/yyyy HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.SSSX", "H'h ngày' d/M/yy", "h:mm a d.M.yyyy", epoch], missing: [chưa có]}
fields:
  code: A
  aliases: [B, {expr: 'split(value("C"), ".")'}]
  procedure: C
  field: {expr: 'extract(value("D"), "([A-Z]+)")'}
  department: D
  status: [E, F]
  received_at: G
  due_at: H
  completed_at: {expr: 'first(value("G"), value("H"))'}
statuses: {waiting: supplement, waiting/pay: payment, 4: processing, Đang giải quyết: processing}
departments: {P03: QLDT}
skip_rows_without: code
`)
	f.Fuzz(func(t *testing.T, a, b, c, d, e, g, h, i string) {
		recordHolds(t, table, []string{a, b, c, d, e, g, h, i})
	})
}

func FuzzCanonicalCode(f *testing.F) {
	for _, s := range []string{"h57-1", " đ\u00a01", "a\u200b\u0301", "ǰ\u0345ŉß", "\xff", "ΐ\u0390", "ᾳ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		code := CanonicalCode(raw)
		if CanonicalCode(code) != code {
			t.Fatalf("%q → %q → %q", raw, code, CanonicalCode(code))
		}
		if utf8.ValidString(raw) && CanonicalCode(norm.NFD.String(raw)) != code {
			t.Fatalf("%q: decomposed it gives %q, not %q", raw, CanonicalCode(norm.NFD.String(raw)), code)
		}
		if folded := fold(raw); utf8.ValidString(raw) && fold(folded) != folded {
			t.Fatalf("%q → %q → %q", raw, folded, fold(folded))
		}
	})
}

// The hand-written reader accepts just what the time package does.
func FuzzDate(f *testing.F) {
	pairs := []struct{ ours, theirs string }{
		{"yyyyMMddHHmmss", "20060102150405"},
		{"dd/MM/yyyy HH:mm:ss", "02/01/2006 15:04:05"},
		{"yyyy-MM-dd'T'HH:mm:ss'Z'", "2006-01-02T15:04:05Z"},
		{"dd/MM/yyyy", "02/01/2006"},
	}
	var layouts []*layout
	for _, p := range pairs {
		l, err := compileLayout(p.ours)
		if err != nil {
			f.Fatal(err)
		}
		layouts = append(layouts, l)
	}
	zone, err := time.LoadLocation("Asia/Ho_Chi_Minh")
	if err != nil {
		f.Fatal(err)
	}
	w := newWall(zone)
	for _, s := range []string{"20180702080910", "02/07/2018 08:09:10", "2018-07-02T08:09:10Z", "29/02/2100", "31/04/1945 24:00:00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		for i, p := range pairs {
			want, err := time.ParseInLocation(p.theirs, raw, zone)
			// The time package is laxer than a layout is: "8:00" for "15:04".
			valid := err == nil && want.Year() >= firstYear && want.Year() <= lastYear && want.Format(p.theirs) == raw
			var r reading
			how := layouts[i].read(raw, &r)
			if valid && how != fits {
				t.Fatalf("%s refuses %q, which is %v", p.ours, raw, want)
			}
			if how != fits {
				continue
			}
			if got := w.moment(&r).Time; valid && !got.Equal(want) {
				t.Fatalf("%s reads %q as %v, not %v", p.ours, raw, got, want)
			}
			// Only blanks may be other than the pattern's.
			if tidy := strings.Join(strings.FieldsFunc(raw, isBlank), " "); !valid && tidy == raw {
				t.Fatalf("%s reads %q, which is no date: %v", p.ours, raw, err)
			}
		}
	})
}

func FuzzLayout(f *testing.F) {
	for _, p := range []string{"yyyyMMdd", "d/M/yyyy H:mm", "yyyy-MM-dd'T'HH:mm:ss.SSSX", "h:mm a d/M/yy", "''yyyy'''MM'dd", "epoch"} {
		f.Add(p, "2/7/2018 8:00")
	}
	f.Fuzz(func(t *testing.T, pattern, raw string) {
		l, err := compileLayout(pattern)
		if err != nil {
			if err.problem == "" || err.remedy == "" {
				t.Fatalf("%q: %+v", pattern, err)
			}
			return
		}
		var r reading
		l.read(raw, &r)
		in := reading{year: 2018, month: 11, day: 23, hour: 14, minute: 15, second: 16}
		if text := l.write(&in); trim(text) == text && norm.NFC.IsNormalString(text) {
			if how := l.read(text, &r); how != fits {
				t.Fatalf("%q wrote %q and does not read it: %v", pattern, text, how)
			}
		}
	})
}
