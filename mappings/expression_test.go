package mappings

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/reconcile"
)

func TestExpressions(t *testing.T) {
	row := map[string]string{
		"MaHoSo": "h57-1/2018", "Tên": "  SỞ tài nguyên ", "Trống": "", "Số": "12", "NFD": "đa\u0303 tra\u0309",
		"data.code": "A-1", "Nhiều": "A; B; C", "Ngày": "date:2018-07-02",
	}
	tests := []struct{ source, want string }{
		{`value("MaHoSo")`, "h57-1/2018"},
		{`value("Tên")`, "SỞ tài nguyên"},
		{`value("data.code")`, "A-1"},
		{`value("Ngày")`, "date:2018-07-02"},
		{`upper(value("Tên"))`, "SỞ TÀI NGUYÊN"},
		{`lower(value("Tên"))`, "sở tài nguyên"},
		{`trim_suffix(value("MaHoSo"), "/2018")`, "h57-1"},
		{`trim_prefix(value("MaHoSo"), "h57-")`, "1/2018"},
		{`trim_prefix(value("MaHoSo"), "x")`, "h57-1/2018"},
		{`before(value("MaHoSo"), "/")`, "h57-1"},
		{`before(value("MaHoSo"), "#")`, "h57-1/2018"},
		{`after(value("MaHoSo"), "/")`, "2018"},
		{`after(value("MaHoSo"), "#")`, ""},
		{`replace(value("MaHoSo"), "/", "-")`, "h57-1-2018"},
		{`join("-", value("Số"), value("Trống"), "x")`, "12-x"},
		{`value("Số") + "/" + value("data.code")`, "12/A-1"},
		{`first(value("Trống"), " ", value("Số"))`, "12"},
		{`first(value("Trống"))`, ""},
		{`value("Trống") == "" ? "open" : "closed"`, "open"},
		{`if value("Trống") == "" { "open" } else { "closed" }`, "open"},
		{`value("NFD") == "đã trả" ? "yes" : "no"`, "yes"},
		{`same(value("NFD"), "ĐÃ  TRẢ") ? "yes" : "no"`, "yes"},
		{`match(value("MaHoSo"), "^h[0-9]+-") ? "yes" : "no"`, "yes"},
		{`value("MaHoSo") matches "^x" ? "yes" : "no"`, "no"},
		{`extract(value("MaHoSo"), "-([0-9]+)/")`, "1"},
		{`extract(value("MaHoSo"), "[0-9]{4}")`, "2018"},
		{`extract(value("MaHoSo"), "z")`, ""},
		{`split(value("Nhiều"), "; ")[1]`, "B"},
		{`value("Số") in ["11", "12"] ? "in" : "out"`, "in"},
		{`value("MaHoSo") contains "/" && not (value("Số") startsWith "2") ? "a" : "b"`, "a"},
	}
	for _, test := range tests {
		t.Run(test.source, func(t *testing.T) {
			var names []string
			e, fault := compileExpression(test.source, false, func(name string) int {
				names = append(names, name)
				return len(names) - 1
			})
			if fault != nil {
				t.Fatal(fault.problem, fault.remedy)
			}
			values := make([]string, len(names))
			for i, name := range names {
				values[i] = row[name]
			}
			got, err := e.text(values)
			if err != nil || got != test.want {
				t.Errorf("got %q, %v; want %q", got, err, test.want)
			}
		})
	}
}

func TestExpressionFailsOnOneRowOnly(t *testing.T) {
	table := mustTable(t, `
fields: {code: A, status: B, procedure: {expr: 'split(value("C"), "/")[1]'}}
statuses: {x: processing}
`)
	var rec reconcile.Record
	if err := table.Record([]string{"1", "", "x"}, &rec); err == nil {
		t.Fatal("inputs are ordered otherwise than expected")
	}
	inputs := table.Inputs()
	if diff := cmp.Diff([]string{"A", "C", "B"}, inputs); diff != "" {
		t.Fatal(diff)
	}
	err := table.Record([]string{"h57-1", "secret of a citizen", "x"}, &rec)
	var fe *FieldError
	if !errors.As(err, &fe) || fe.Cause != CauseExpression || fe.Field != "procedure" || rec.Code != "H57-1" || rec.Status != reconcile.Processing {
		t.Fatalf("got %v, record %+v", err, rec)
	}
	if strings.Contains(err.Error(), "citizen") || strings.Contains(err.Error(), "\n") {
		t.Errorf("the error repeats a value or has several lines: %q", err)
	}
	if err := table.Record([]string{"h57-1", "a/b", "x"}, &rec); err != nil || rec.Procedure != "b" {
		t.Errorf("the next row: %v, %q", err, rec.Procedure)
	}
}

func TestExpressionIsBounded(t *testing.T) {
	var nested strings.Builder
	nested.WriteString(`value("A")`)
	for range 12 {
		inner := nested.String()
		nested.Reset()
		fmt.Fprintf(&nested, `replace(%s, "a", "aaaaaaaaaaaaaaaa")`, inner)
	}
	e, fault := compileExpression(nested.String(), false, func(string) int { return 0 })
	if fault != nil {
		t.Fatal(fault.problem)
	}
	began := time.Now()
	if _, err := e.text([]string{"aaaa"}); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("got %v", err)
	}
	if _, err := e.text([]string{strings.Repeat("a", maxExpressionText+1)}); err == nil {
		t.Error("a value of any length is taken")
	}
	if d := time.Since(began); d > 2*time.Second {
		t.Errorf("took %v", d)
	}
	long := `value("A")` + strings.Repeat(` + "x"`, maxExpressionNodes)
	if _, fault := compileExpression(long, false, func(string) int { return 0 }); fault == nil {
		t.Error("an expression of any length is taken")
	}
}

func TestAliasesFromAnExpressionThatGivesAList(t *testing.T) {
	table := mustTable(t, `
fields: {code: A, status: B, aliases: [C, {expr: 'split(value("D"), "|")'}, {expr: 'value("D") == "" ? [] : ["x-" + value("A")]'}]}
statuses: {x: processing}
`)
	var rec reconcile.Record
	values := rowOf(t, table, map[string]string{"A": "k1", "B": "x", "C": "a, b;a\nc,, k1", "D": "d|b"})
	if err := table.Record(values, &rec); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"A", "B", "C", "D", "X-K1"}, rec.Aliases); diff != "" {
		t.Error(diff)
	}
}

func TestExpressionsRunConcurrently(t *testing.T) {
	table := mustTable(t, `
fields: {code: {expr: 'upper(before(value("A"), "/"))'}, status: B}
statuses: {x: processing}
`)
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			var rec reconcile.Record
			for i := range 500 {
				want := fmt.Sprintf("W%d-%d", worker, i)
				if err := table.Record([]string{strings.ToLower(want) + "/x", "x"}, &rec); err != nil || rec.Code != want {
					t.Errorf("got %q, %v; want %q", rec.Code, err, want)
					return
				}
			}
		})
	}
	group.Wait()
}
