package rest

import (
	"bytes"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// scanned is where the scanner sees the end of the value, or unsure.
func scanned(text string) int {
	s := scanner{b: []byte(text)}
	s.start()
	return s.value(0, 0)
}

func TestScanKnowsPlainValues(t *testing.T) {
	for _, text := range []string{
		`{}`, `[]`, `{ "a" : 1 , "b" : [ 1 , 2 ] }`, `{"a":{"b":1},"c":{"b":1}}`, `[{"a":1},{"a":1}]`, `{"a":1,"A":1}`, `{"Sổ":"Trần Thị Ngọc Ánh"}`,
		`"\"\\\/\b\f\n\r\t\u1ed3\ud7ff\ue000"`, `0`, `-0.5e-10`, `12E+3`, `true`, `false`, `null`, strings.Repeat("[", mostDepth) + strings.Repeat("]", mostDepth),
	} {
		if end := scanned(text); end != len(text) {
			t.Errorf("%s: %d, want %d", text, end, len(text))
		}
	}
}

func TestScanIsUnsureOfWhatTheDecoderRefuses(t *testing.T) {
	var names strings.Builder
	for i := range mostNames + 1 {
		names.WriteString(`,"` + code(i) + `":0`)
	}
	for _, text := range []string{
		``, ` `, `{`, `[`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `[1,]`, `[,]`, `{,}`, `{a:1}`, `{"a" 1}`, `[1 2]`, `{"a":1 "b":2}`,
		`"`, `"a`, `"\`, `"\x"`, `"\u12"`, `"\u12g4"`, `"\ud800"`, `"\udfff"`, "\"a\nb\"", "\"\x00\"", `01a`[2:], `-`, `-a`, `1.`, `1.e3`, `1e`, `1e+`, `.5`, `+1`,
		`tru`, `nul`, `falsch`, `{"a":1,"a":2}`, `{"b":{"a":1,"a":2}}`, `{"\u0061":1}`, "{" + names.String()[1:] + "}",
		strings.Repeat("[", mostDepth+1) + strings.Repeat("]", mostDepth+1),
	} {
		if end := scanned(text); end != unsure {
			t.Errorf("%.60s: %d, want unsure", text, end)
		}
	}
}

// What the scanner lets through the decoder lets through, and both see the same
// end. A page read with its help is what the decoder alone makes of it.
func FuzzScan(f *testing.F) {
	for _, seed := range []string{
		`{"data":[{"a":1,"b":"ồ"},{"a":[{"x":1},{"x":2}]}],"total":2}`, `{"data":[],"total":0}`, `{"data":[{"a":1,"a":2}]}`, `{"total":1,"data":[1,2,{"a":{"a":{}}}]} `,
		`{"data":[{"a":"\u00e2\ud83d\ude00"}],"data":[]}`, `{"data":[{}`, `{"data":[{},]}`, `{"data":[{}]}x`, `{"data":[0.5e+3,-0,01]}`, `{"data":{"a":1},"total":" 3 "}`,
		"{\"data\":[{\"a\":\"\xff\"}]}", `{"data":[{"a":1}]"total":1}`, `{"data":[{"a":1} {"a":2}]}`, `{"data":null}`, `[{"data":[]}]`,
	} {
		f.Add([]byte(seed))
	}
	items := "data"
	shape, err := newShape(&items, true, metaPath{metaTotal, "total"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var both [2]page
		var faults [2]*Fault
		for i := range both {
			both[i].reset()
			both[i].buf.Write(body)
			if i == 0 {
				faults[i] = both[i].parse(shape, 3)
			} else {
				faults[i] = both[i].parseSlowly(shape, 3)
			}
		}
		fast, slow := &both[0], &both[1]
		if (faults[0] == nil) != (faults[1] == nil) {
			t.Fatalf("%q: %v with the scanner, %v without", body, faults[0], faults[1])
		}
		if faults[0] != nil {
			same(t, "fault", *faults[0].plain(), *faults[1].plain())
			return
		}
		if fast.hash != slow.hash || fast.total != slow.total || fast.found != slow.found || fast.meta != slow.meta || len(fast.items) != len(slow.items) {
			t.Fatalf("%q: %+v with the scanner, %+v without", body, fast, slow)
		}
		for i, it := range fast.items {
			if it != slow.items[i] || !jsontext.Value(bytes.Clone(fast.body[it.start:it.end])).IsValid() {
				t.Fatalf("%q: item %d is %+v with the scanner, %+v without", body, i, it, slow.items[i])
			}
		}
	})
}

// parseSlowly is parse without the scanner.
func (p *page) parseSlowly(s *shape, seed uint64) *Fault {
	return p.parseBy(s, seed, false)
}

// plain is what a person sees of a fault.
func (f *Fault) plain() *struct{ Cause, Reason string } {
	return &struct{ Cause, Reason string }{string(f.Cause), f.Reason}
}
