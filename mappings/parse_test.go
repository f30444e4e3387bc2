package mappings

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAllFaultsAreToldAtOnceInTheOrderOfTheLines(t *testing.T) {
	_, err := Parse("land.yaml", []byte(`time:
  zone: Asia/Saigonn
  layouts: [dd/mm/yyyy, "hh:mm dd/MM/yyyy"]
fields:
  cod: SoBienNhan
  status: TrangThai
  due_at: [A, B]
statuses:
  "4": procesing
  "5": 10
statusses: {}
skip_rows_without: cod
`))
	want := `land.yaml:2: time.zone: Asia/Saigonn: is no time zone; one of Asia/Ho_Chi_Minh, UTC
land.yaml:3: time.layouts: dd/mm/yyyy: names no month; months are MM, minutes are mm
land.yaml:3: time.layouts: hh:mm dd/MM/yyyy: counts hours to 12 (hh) without a mark (a) for the half of the day; write HH: with hh, 12:30 and 00:30 cannot be told apart
land.yaml:5: fields.cod: is no field; did you mean code?
land.yaml:5: fields.code: is missing; name the column, path or heading that holds it
land.yaml:7: fields.due_at: is a list; one column; to take the first that is filled: {expr: 'first(value("a"), value("b"))'}
land.yaml:9: statuses.4: procesing: is no status; did you mean processing?
land.yaml:10: statuses.5: 10: is no status; write returned
land.yaml:11: statusses: is no key of a mapping; did you mean statuses?
land.yaml:12: skip_rows_without: cod: is no field; did you mean code?`
	if err == nil {
		t.Fatal("no fault was found")
	}
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Error(diff)
	}
	var faults Faults
	if !errors.As(err, &faults) || len(faults) != 10 || faults[0].Key != "time.zone" || faults[0].Value != "Asia/Saigonn" {
		t.Errorf("the error is no Faults: %#v", err)
	}
}

func TestFaultsCannotBeForged(t *testing.T) {
	_, err := Parse("m.yaml", []byte("fields: {code: A, status: B}\nstatuses: {\"a\\nb: c\": \"x\\nm.yaml:1: forged\\u2028\"}\n"))
	if err == nil || strings.ContainsAny(err.Error(), "\n\u2028") {
		t.Errorf("got %q", err)
	}
	_, err = Parse("m.yaml", []byte("fields: {code: A, status: B}\nstatuses: {a: "+strings.Repeat("đ", 5000)+"}\n"))
	if err == nil || len(err.Error()) > 600 {
		t.Errorf("an error of %d bytes", len(err.Error()))
	}
}

func TestFilesThatAreNoMappings(t *testing.T) {
	deep := strings.Repeat("[", 20000) + strings.Repeat("]", 20000)
	for name, data := range map[string]string{
		"too large":      strings.Repeat("#", maxFileBytes+1),
		"deeply nested":  "fields: " + deep,
		"self-contained": "a: &a [*a]",
		"merge key":      "fields: {<<: {code: A}, status: B}\nstatuses: {x: processing}\n",
		"nul":            "fields: {code: \x00}",
		"only a scalar":  "code",
	} {
		if _, err := Parse("m.yaml", []byte(data)); err == nil {
			t.Errorf("%s: no fault", name)
		}
	}
}

func TestAnotherEncodingMarkIsNoFault(t *testing.T) {
	if _, err := Parse("m.yaml", []byte("\ufefffields: {code: A, status: B}\r\nstatuses: {4: processing}\r\n")); err != nil {
		t.Error(err)
	}
}

func TestInputsAreDistinctAndTheCodeComesFirst(t *testing.T) {
	table := mustTable(t, `
fields:
  returned_at: NgayTra
  completed_at: NgayTra
  status: {expr: 'value("NgayTra") == "" ? value("TrangThai") : "x"'}
  code: "  Ma\u0303   hồ sơ "
  aliases: [MaKhac, NgayTra]
statuses: {x: processing}
`)
	if diff := cmp.Diff([]string{"Mã hồ sơ", "MaKhac", "NgayTra", "TrangThai"}, table.Inputs()); diff != "" {
		t.Error(diff)
	}
	table.Inputs()[0] = "changed"
	if table.Inputs()[0] != "Mã hồ sơ" {
		t.Error("a caller can change the table")
	}
	if !table.spec.Maps("completed_at") || table.spec.Maps("department") || table.spec.Maps("nothing") {
		t.Error("Maps")
	}
}
