package mappings

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/reconcile"
)

const book = `
time: {zone: Asia/Ho_Chi_Minh, layouts: ["dd/MM/yyyy HH:mm:ss", dd/MM/yyyy], missing: ["-"]}
fields: {code: Mã hồ sơ, department: Phòng, status: Tình trạng, received_at: Ngày nhận, due_at: Ngày hẹn trả}
statuses: {4: processing, 010: received, Đang giải quyết: processing, Đã trả: returned, "": registered}
departments: {P03: QLDT, Phòng Tư pháp: TP}
groups: {processing: paused, stopped: paused}
skip_rows_without: code
`

func TestStatusValues(t *testing.T) {
	table := mustTable(t, book)
	tests := []struct {
		raw    string
		status reconcile.Status
		group  reconcile.Group
	}{
		{"4", reconcile.Processing, reconcile.Paused},
		{" 4 ", reconcile.Processing, reconcile.Paused},
		{"04", "", ""},
		{"4.0", "", ""},
		{"010", reconcile.Received, reconcile.Open},
		{"10", "", ""},
		{"8", "", ""},
		{"đang  GIẢI quyết", reconcile.Processing, reconcile.Paused},
		{"\u0110a\u0303 tra\u0309", reconcile.Returned, reconcile.Done},
		{"", reconcile.Registered, reconcile.Pending},
		{"\u00a0", reconcile.Registered, reconcile.Pending},
		{"Đã trá", "", ""},
	}
	for _, test := range tests {
		t.Run(test.raw, func(t *testing.T) {
			var rec reconcile.Record
			values := rowOf(t, table, map[string]string{"Mã hồ sơ": "1", "Tình trạng": test.raw})
			if err := table.Record(values, &rec); err != nil {
				t.Fatal(err)
			}
			if rec.Status != test.status || rec.Group != test.group || rec.RawStatus != trim(test.raw) || rec.Mapped() != (test.status != "") {
				t.Errorf("got %q in %q, raw %q", rec.Status, rec.Group, rec.RawStatus)
			}
		})
	}
}

func TestChannelValues(t *testing.T) {
	table := mustTable(t, `
fields: {code: A, status: S, channel: {expr: 'split(value("K"), "/")[1]'}}
statuses: {x: processing}
channels: {1: in_person, Trực tuyến: online, 3: post, "": in_person}
`)
	tests := []struct {
		raw  string
		want reconcile.Channel
	}{
		{"k/1", reconcile.InPerson},
		{"k/ 3 ", reconcile.ByPost},
		{"k/TRỰC  tuyến", reconcile.Online},
		{"k/tr\u01b0\u0323c tuye\u0302\u0301n", reconcile.Online},
		{"k/", reconcile.InPerson},
		{"k/01", ""},
		{"k/fax", ""},
		{"no stroke: the expression fails, the dossier is taken in", ""},
	}
	for _, test := range tests {
		t.Run(test.raw, func(t *testing.T) {
			var rec reconcile.Record
			if err := table.Record(rowOf(t, table, map[string]string{"A": "1", "S": "x", "K": test.raw}), &rec); err != nil {
				t.Fatal(err)
			}
			if rec.Channel != test.want || rec.Status != reconcile.Processing {
				t.Errorf("got %q, status %q", rec.Channel, rec.Status)
			}
		})
	}
}

func TestStatusPairs(t *testing.T) {
	table := mustTable(t, `
fields: {code: A, status: [S, T]}
statuses: {waiting: supplement, waiting / Pay: payment, /lost: stopped}
`)
	tests := []struct {
		first, second string
		want          reconcile.Status
		raw           string
	}{
		{"waiting", "", reconcile.Supplement, "waiting"},
		{"waiting", "Pay", reconcile.Payment, "waiting/Pay"},
		{" WAITING", "pay ", reconcile.Payment, "WAITING/pay"},
		{"waiting", "other", reconcile.Supplement, "waiting/other"},
		{"", "lost", reconcile.Stopped, "/lost"},
		{"other", "pay", "", "other/pay"},
		{"", "", "", ""},
	}
	for _, test := range tests {
		var rec reconcile.Record
		if err := table.Record([]string{"1", test.first, test.second}, &rec); err != nil {
			t.Fatal(err)
		}
		if rec.Status != test.want || rec.RawStatus != test.raw {
			t.Errorf("%q, %q: got %q, raw %q", test.first, test.second, rec.Status, rec.RawStatus)
		}
	}
}

func TestDepartments(t *testing.T) {
	table := mustTable(t, book)
	for raw, want := range map[string]string{
		"P03": "QLDT", "p03 ": "QLDT", "phòng  tư pháp": "TP", "PHO\u0300NG TƯ PHÁP": "TP",
		"": "ONLY", " \u00a0": "ONLY", " Phòng Y tế ": "Phòng Y tế", "Pho\u0300ng": "Phòng",
	} {
		var rec reconcile.Record
		if err := table.Record(rowOf(t, table, map[string]string{"Mã hồ sơ": "1", "Phòng": raw}), &rec); err != nil {
			t.Fatal(err)
		}
		if rec.Department != want {
			t.Errorf("%q: got %q, want %q", raw, rec.Department, want)
		}
	}
}

func TestRowsThatCannotBeRead(t *testing.T) {
	table := mustTable(t, book)
	tests := []struct {
		name string
		row  map[string]string
		code string
		want FieldError
	}{
		{
			"no code", map[string]string{"Mã hồ sơ": " \u200b", "Tình trạng": "4"}, "",
			FieldError{Field: "code", Input: "Mã hồ sơ", Cause: CauseCode, Reason: "code (Mã hồ sơ) is empty; every dossier needs its code"},
		},
		{
			"code too long", map[string]string{"Mã hồ sơ": strings.Repeat("x", 101)}, "",
			FieldError{Field: "code", Input: "Mã hồ sơ", Cause: CauseCode, Reason: "code (Mã hồ sơ) is longer than 100 characters; check that the mapping names the right column"},
		},
		{
			"code in a wrong encoding", map[string]string{"Mã hồ sơ": "h\xf4 s\x01"}, "",
			FieldError{Field: "code", Input: "Mã hồ sơ", Cause: CauseCode, Reason: "code (Mã hồ sơ) holds characters that are no text; check the encoding of the source"},
		},
		{
			"no such day", map[string]string{"Mã hồ sơ": "h-1", "Ngày hẹn trả": "31/02/2018"}, "H-1",
			FieldError{
				Field: "due_at", Input: "Ngày hẹn trả", Raw: "31/02/2018", Cause: CauseDate,
				Reason: `due_at (Ngày hẹn trả): "31/02/2018" is a day or time that does not exist or lies outside the years 1900 to 2200 (read as dd/MM/yyyy HH:mm:ss, dd/MM/yyyy); correct it in the source`,
			},
		},
		{
			"a sentence, cut", map[string]string{"Mã hồ sơ": "h-1", "Ngày nhận": strings.Repeat("chưa nhận ", 20)}, "H-1",
			FieldError{
				Field: "received_at", Input: "Ngày nhận", Raw: strings.Repeat("chưa nhận ", 4) + "…", Cause: CauseDate,
				Reason: `received_at (Ngày nhận): "chưa nhận chưa nhận chưa nhận chưa nhận …" fits none of the layouts dd/MM/yyyy HH:mm:ss, dd/MM/yyyy; correct it in the source, add its pattern to time.layouts, or add the value to time.missing if it stands for no date`,
			},
		},
		{
			"the first of two bad dates is named", map[string]string{"Mã hồ sơ": "h-1", "Ngày nhận": "x", "Ngày hẹn trả": "y"}, "H-1",
			FieldError{
				Field: "received_at", Input: "Ngày nhận", Raw: "x", Cause: CauseDate,
				Reason: `received_at (Ngày nhận): "x" fits none of the layouts dd/MM/yyyy HH:mm:ss, dd/MM/yyyy; correct it in the source, add its pattern to time.layouts, or add the value to time.missing if it stands for no date`,
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			rec := reconcile.Record{Code: "OLD", Aliases: []string{"OLD"}}
			err := table.Record(rowOf(t, table, test.row), &rec)
			var got *FieldError
			if !errors.As(err, &got) {
				t.Fatalf("got %v", err)
			}
			if diff := cmp.Diff(test.want, *got); diff != "" {
				t.Error(diff)
			}
			if err.Error() != test.want.Reason || rec.Code != test.code || rec.Aliases != nil {
				t.Errorf("error %q, record %+v", err, rec)
			}
		})
	}
}

func TestWhatCanBeReadIsFilledBesideABadDate(t *testing.T) {
	table := mustTable(t, book)
	var rec reconcile.Record
	err := table.Record(rowOf(t, table, map[string]string{"Mã hồ sơ": "h-1", "Phòng": "P03", "Tình trạng": "4", "Ngày nhận": "x", "Ngày hẹn trả": "02/07/2018"}), &rec)
	if err == nil || rec.Status != reconcile.Processing || rec.Department != "QLDT" || rec.ReceivedAt.Known() || !rec.DueAt.DateOnly {
		t.Errorf("error %v, record %+v", err, rec)
	}
}

func TestTextDateWithoutAnyLayout(t *testing.T) {
	table := mustTable(t, "fields: {code: A, status: B, due_at: C}\nstatuses: {x: processing}\n")
	var rec reconcile.Record
	err := table.Record([]string{"1", "x", "02/07/2018"}, &rec)
	want := `due_at (C): "02/07/2018" is text, and the mapping lists no layouts; add its pattern to time.layouts`
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	if err := table.Record([]string{"1", "x", "date:2018-07-02"}, &rec); err != nil || !rec.DueAt.Known() {
		t.Errorf("a real date: %v", err)
	}
}

func TestSkip(t *testing.T) {
	table := mustTable(t, book)
	tests := []struct {
		name string
		row  map[string]string
		want bool
	}{
		{"a record", map[string]string{"Mã hồ sơ": "h-1", "Tình trạng": "4"}, false},
		{"a record with nothing but its code", map[string]string{"Mã hồ sơ": "000.00.16.H57-180702-0001"}, false},
		{"a short number as code of a filled row", map[string]string{"Mã hồ sơ": "70", "Tình trạng": "4"}, false},
		{"blank row", nil, true},
		{"no code", map[string]string{"Tình trạng": "4"}, true},
		{"code of blanks", map[string]string{"Mã hồ sơ": "\u00a0 "}, true},
		{"sum in the code's column", map[string]string{"Mã hồ sơ": "70"}, true},
		{"sum with separators", map[string]string{"Mã hồ sơ": "1.907"}, true},
		{"label of the sum", map[string]string{"Mã hồ sơ": "Tổng số"}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := table.Skip(rowOf(t, table, test.row)); got != test.want {
				t.Errorf("got %v", got)
			}
		})
	}
	without := mustTable(t, strings.Replace(book, "skip_rows_without: code", "", 1))
	if without.Skip(make([]string, len(without.Inputs()))) {
		t.Error("nothing is skipped unless the file says so")
	}
}

func TestSkipByAnExpressionOrAnotherField(t *testing.T) {
	table := mustTable(t, `
fields: {code: {expr: 'before(value("A"), "/")'}, status: B, received_at: C}
statuses: {x: processing}
skip_rows_without: [code, received_at]
`)
	for row, want := range map[[3]string]bool{{"1/2", "x", "date:2018-07-02"}: false, {"/2", "x", "date:2018-07-02"}: true, {"1/2", "x", " "}: true} {
		if got := table.Skip(row[:]); got != want {
			t.Errorf("%q: got %v", row, got)
		}
	}
}

func TestCodeAgreesWithRecord(t *testing.T) {
	table := mustTable(t, book)
	for _, raw := range []string{"h57-1", "", " đ-1 ", strings.Repeat("x", 200)} {
		values := rowOf(t, table, map[string]string{"Mã hồ sơ": raw})
		var rec reconcile.Record
		recordErr := table.Record(values, &rec)
		code, err := table.Code(values)
		if code != rec.Code || (err == nil) != (recordErr == nil) {
			t.Errorf("%q: Code %q %v, Record %q %v", raw, code, err, rec.Code, recordErr)
		}
	}
}

func TestTooFewValuesAreTakenForEmpty(t *testing.T) {
	table := mustTable(t, book)
	var rec reconcile.Record
	if err := table.Record(nil, &rec); err == nil {
		t.Error("a row without values has no code")
	}
	if err := table.Record([]string{"h-1"}, &rec); err != nil || rec.Code != "H-1" {
		t.Errorf("got %q, %v", rec.Code, err)
	}
}

func TestRecordOfOrdinaryRowDoesNotAllocate(t *testing.T) {
	table := presetTable(t, "dvcqg")
	values := []string{
		"000.00.16.H57-180402-0018", "", "1.004221.000.00.00.H57", "VPDKDD", "VPDKDD", "10",
		"20180402070900", "20180417170000", "", "20180413083200", "20180413103200", "20180413103700",
	}
	var rec reconcile.Record
	if n := testing.AllocsPerRun(100, func() {
		if err := table.Record(values, &rec); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestZone(t *testing.T) {
	s, err := Parse("m.yaml", []byte("time: {layouts: [dd/MM/yyyy]}\nfields: {code: A, status: B, due_at: C}\nstatuses: {x: processing}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Compile(Options{}); err == nil || err.Error() != "mapping m.yaml: no time zone; write time: {zone: Asia/Ho_Chi_Minh}" {
		t.Errorf("got %v", err)
	}
	zone := time.FixedZone("there", 3600)
	table, err := s.Compile(Options{Zone: zone})
	if err != nil {
		t.Fatal(err)
	}
	var rec reconcile.Record
	if err := table.Record([]string{"1", "x", "02/07/2018"}, &rec); err != nil || !rec.DueAt.Time.Equal(time.Date(2018, 7, 2, 0, 0, 0, 0, zone)) {
		t.Errorf("got %v, %v", rec.DueAt, err)
	}
}
