package mappings

import (
	"testing"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

func presetTable(tb testing.TB, name string) *Table {
	tb.Helper()
	data, ok := Preset(name)
	if !ok {
		tb.Fatalf("no preset %s", name)
	}
	return mustTable(tb, string(data))
}

func mustTable(tb testing.TB, file string) *Table {
	tb.Helper()
	s, err := Parse("m.yaml", []byte(file))
	if err != nil {
		tb.Fatal(err)
	}
	table, err := s.Compile(Options{Source: "s", Side: reconcile.Office, Department: "ONLY", Zone: time.UTC})
	if err != nil {
		tb.Fatal(err)
	}
	return table
}

func BenchmarkRecord(b *testing.B) {
	for _, bench := range []struct {
		name, preset string
		values       []string
	}{
		{"national, 11 fields, 5 dates", "dvcqg", []string{
			"000.00.16.H57-180402-0018", "", "1.004221.000.00.00.H57", "VPDKDD", "VPDKDD", "10",
			"20180402070900", "20180417170000", "", "20180413083200", "20180413103200", "20180413103700",
		}},
		{"opencps, pair", "opencps", []string{
			"000.00.16.H57-180402-0018", "1.004221", "VPDKDD", "waiting", "pay",
			"02/04/2018 07:09:00", "17/04/2018 17:00:00", "", "13/04/2018 08:32:00", "13/04/2018 10:32:00", "13/04/2018 10:37:00",
		}},
		{"book, real dates", "tracking-book", []string{
			"000.00.16.h57-180402-0018", "Đã trả kết quả", "date:2018-04-02T07:09:00", "date:2018-04-17T17:00:00", "13/04/2018 08:32:00",
		}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			table := presetTable(b, bench.preset)
			var rec reconcile.Record
			b.ReportAllocs()
			for b.Loop() {
				if err := table.Record(bench.values, &rec); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDate(b *testing.B) {
	table := mustTable(b, `
time: {zone: Asia/Ho_Chi_Minh, layouts: [yyyyMMddHHmmss, "dd/MM/yyyy HH:mm:ss", d/M/yyyy]}
fields: {code: A, status: B}
statuses: {x: processing}
`)
	for _, raw := range []string{"20180402070900", "02/04/2018 07:09:00", "2/4/2018", "date:2018-04-02T07:09:00"} {
		b.Run(raw, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, how := table.dates.read(raw); how != fits {
					b.Fatal(how)
				}
			}
		})
	}
}

func BenchmarkCode(b *testing.B) {
	table := presetTable(b, "dvcqg")
	values := []string{"000.00.16.H57-180402-0018"}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := table.Code(values); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkExpression(b *testing.B) {
	table := mustTable(b, "fields:\n  code: {expr: 'upper(before(value(\"A\"), \"/\"))'}\n  status: {expr: 'value(\"B\") == \"\" ? \"x\" : \"y\"'}\nstatuses: {x: processing, y: returned}\n")
	var rec reconcile.Record
	values := []string{"h57-1/2018", ""}
	b.ReportAllocs()
	for b.Loop() {
		if err := table.Record(values, &rec); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	for _, name := range Presets() {
		b.Run(name, func(b *testing.B) {
			data, _ := Preset(name)
			for b.Loop() {
				if _, err := Parse(name, data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
