package rest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/reconcile"
)

func parsed(t testing.TB, body string, s *shape, seed uint64) (*page, *Fault) {
	t.Helper()
	p := &page{}
	p.reset()
	p.buf.WriteString(body)
	f := p.parse(s, seed)
	return p, f
}

func listShape(t testing.TB) *shape {
	t.Helper()
	items := "d.items"
	s, err := newShape(&items, false, metaPath{metaTotal, "d.total"}, metaPath{metaNext, "next[0]"}, metaPath{metaOK, "code"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestParsePage(t *testing.T) {
	p, f := parsed(t, "\xef\xbb\xbf"+` {"code": "00", "x": [{}, 1, {"items": []}], "d": {"items": [ {"a":1}, 2 ,null,[3]], "total": "4"}, "next": ["c\u00e2y", {}]} `, listShape(t), 1)
	if f != nil {
		t.Fatal(f)
	}
	var items []string
	for _, it := range p.items {
		items = append(items, string(p.body[it.start:it.end]))
	}
	same(t, "items", items, []string{`{"a":1}`, "2", "null", "[3]"})
	same(t, "total", p.total, 4)
	same(t, "next", p.meta[metaNext].text, "cây")
	same(t, "verdict", p.meta[metaOK].text, "00")
}

func TestBadPages(t *testing.T) {
	cases := []struct {
		name, body string
		cause      reconcile.Cause
		transient  bool
		says       string
	}{
		{"empty", "", reconcile.CauseDecode, true, "empty"},
		{"HTML", "  <html>", reconcile.CauseDecode, true, "HTML"},
		{"a text", `Bảo trì hệ thống`, reconcile.CauseDecode, true, "not valid JSON at byte 0"},
		{"cut in the list", `{"d":{"items":[{}`, reconcile.CauseDecode, true, "cut short"},
		{"cut behind the list", `{"d":{"items":[{}]}`, reconcile.CauseDecode, true, "cut short"},
		{"cut in what is skipped", `{"d":{"items":[{}]},"x":[1,`, reconcile.CauseDecode, true, "cut short"},
		{"two values", `{"d":{"items":[]}}{}`, reconcile.CauseDecode, true, "not valid JSON"},
		{"a name twice", `{"d":{"items":[{"a":1,"a":2}]}}`, reconcile.CauseDecode, false, "name twice"},
		{"a name twice in what is skipped", `{"x":{"a":1,"a":2}}`, reconcile.CauseDecode, false, "name twice"},
		{"windows-1258", "{\"d\":{\"items\":[{\"a\":\"h\xf4\"}]}}", reconcile.CauseDecode, false, "UTF-8"},
		{"total of 1.5", `{"d":{"items":[],"total":1.5}}`, reconcile.CauseSchema, false, "whole number"},
		{"total beyond counting", `{"d":{"items":[],"total":1e99}}`, reconcile.CauseSchema, false, "whole number"},
		{"total that is a date", `{"d":{"items":[],"total":"2018-07-02"}}`, reconcile.CauseSchema, false, "whole number"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, f := parsed(t, c.body, listShape(t), 1)
			if f == nil {
				t.Fatal("no fault")
			}
			same(t, "cause", f.Cause, c.cause)
			same(t, "transient", f.transient, c.transient)
			if !strings.Contains(f.Reason, c.says) {
				t.Errorf("%q does not say %q", f.Reason, c.says)
			}
			silent(t, "reason", f.Reason, "Bảo", "2018")
		})
	}
}

func TestTotalForms(t *testing.T) {
	for text, want := range map[string]int{"5": 5, `"5"`: 5, `" 1907 "`: 1907, "1e3": 1000, "0": 0, "-1": -1, "null": -1, `""`: -1, "[]": -1} {
		p, f := parsed(t, `{"d":{"items":[],"total":`+text+`}}`, listShape(t), 1)
		if f != nil {
			t.Errorf("%s: %v", text, f)
			continue
		}
		same(t, text, p.total, want)
	}
}

func TestFingerprintsFollowBytesAndSeed(t *testing.T) {
	s := listShape(t)
	a, _ := parsed(t, `{"d":{"items":[{"a":1},{"a":1},{"a":2}]}}`, s, 1)
	b, _ := parsed(t, `{"d":{"items": [ {"a":1} , {"a":1},{"a":2}]}, "x":1}`, s, 1)
	c, _ := parsed(t, `{"d":{"items":[{"a":1},{"a":1},{"a":2}]}}`, s, 2)
	d, _ := parsed(t, `{"d":{"items":[{"a":2},{"a":1},{"a":1}]}}`, s, 1)
	if a.items[0].fingerprint != a.items[1].fingerprint || a.items[0].fingerprint == a.items[2].fingerprint {
		t.Error("equal items differ, or different ones do not")
	}
	if a.items[0].fingerprint == c.items[0].fingerprint {
		t.Error("the seed does not count")
	}
	if a.hash != b.hash || a.hash == d.hash {
		t.Error("the page's hash does not follow its items in their order")
	}
}

func extracted(t testing.TB, raw string, inputs ...string) []string {
	t.Helper()
	e, err := newExtractor(inputs)
	if err != nil {
		t.Fatal(err)
	}
	return append([]string(nil), e.item([]byte(raw))...)
}

func TestInputs(t *testing.T) {
	item := `{ "MaHoSo" : "000.00.16.H57-180702-0001" , "n":10,"e":1e2,"yes":true,"no":false,"nil":null,"empty":"",
		"thongTin":{"hanTra":"20180705","sâu":{"x":-0.50}}, "obj":{"a":1},
		"list":[{"x":"một","y":1},{"x":"hai"},"ba",{"x":null}], "codes":["A","",null,"B",3,{"z":1},["C"]],
		"esc\u0061ped":"a\"b\\c\u1ed3\n\ud83d\ude00","0":{"1":"zero-one"},"a.b":"dotted", "rows":[[1,2],[3]] }`
	for path, want := range map[string]string{
		"MaHoSo": "000.00.16.H57-180702-0001", "n": "10", "e": "1e2", "yes": "true", "no": "false", "nil": "", "empty": "", "absent": "",
		"thongTin.hanTra": "20180705", "thongTin.sâu.x": "-0.50", "thongTin": "", "obj": "", "obj.a.b": "", "n.x": "",
		"list[0].x": "một", "list.0.x": "một", "list[1].x": "hai", "list[9].x": "", "list.x": "một\nhai", "list[2]": "ba", "list": "ba",
		"codes": "A\nB\n3\nC", "codes[1]": "", "codes[3]": "B", "escaped": "a\"b\\cồ\n😀",
		"0.1": "zero-one", `a\.b`: "dotted", "rows[0][1]": "2", "rows.1.0": "3", "rows": "1\n2\n3",
		"mahoso": "",
	} {
		same(t, path, extracted(t, item, path), []string{want})
	}
	same(t, "several, overlapping and the same twice",
		extracted(t, item, "list.y", "thongTin", "list.x", "thongTin.hanTra", "n", "n"),
		[]string{"1", "", "một\nhai", "20180705", "10", "10"})
	same(t, "the item itself is a list", extracted(t, `[ "a" , [ "b" ] ]`, "[1][0]", "0"), []string{"b", "a"})
	same(t, "an empty item", extracted(t, `{}`, "a", "b.c"), []string{"", ""})
	same(t, "empty lists", extracted(t, `{"a":[ ],"b":{ }}`, "a.x", "b.c"), []string{"", ""})
}

func TestItemsAreIndependent(t *testing.T) {
	e, err := newExtractor([]string{"a", "b"})
	if err != nil {
		t.Fatal(err)
	}
	e.item([]byte(`{"a":"first","b":"second"}`))
	same(t, "values", e.item([]byte(`{"b":"x"}`)), []string{"", "x"})
}

func TestPathsThatAreNone(t *testing.T) {
	for _, path := range []string{".", "a.", ".a", "a..b", "a[", "a[x]", "a[-1]", "a[0]b", "a[]"} {
		if _, err := New(Config{URL: "http://x"}, []string{path}, nil); err == nil {
			t.Errorf("%q is accepted", path)
		}
	}
}

// byMap does what the extractor does, slowly, for single paths of names.
func byMap(v any, steps []string) []string {
	if list, ok := v.([]any); ok {
		var all []string
		for _, x := range list {
			all = append(all, byMap(x, steps)...)
		}
		return all
	}
	if len(steps) > 0 {
		if object, ok := v.(map[string]any); ok {
			return byMap(object[steps[0]], steps[1:])
		}
		return nil
	}
	switch v := v.(type) {
	case string:
		if v != "" {
			return []string{v}
		}
	case json.Number, bool:
		return []string{fmt.Sprint(v)}
	}
	return nil
}

func FuzzPage(f *testing.F) {
	f.Add(`{"d":{"items":[{"a":{"b":"x"}}],"total":"1"},"next":["c"],"code":0}`)
	f.Add(`{"d":{"items":[{"a":[{"b":"\ud83d\ude00"},{"b":1e2},{"b":[true,null,"y"]}]},[],3,"s"]}}`)
	f.Add(`{"d":{"items":[{"a":{"b":"x"`)
	f.Add("\xef\xbb\xbf[]")
	f.Add(`{"d":{"items":null},"d":1}`)
	f.Add(`<html>`)
	s := listShape(f)
	e, err := newExtractor([]string{"a.b", "a", "a[0].b"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body string) {
		p, fault := parsed(t, body, s, 7)
		trimmed := strings.TrimPrefix(body, "\xef\xbb\xbf")
		if valid := jsontext.Value(trimmed).IsValid(); !valid && (fault == nil || fault.Cause != reconcile.CauseDecode) {
			t.Fatalf("not JSON, but %v", fault)
		} else if valid && fault != nil && fault.Cause != reconcile.CauseSchema {
			t.Fatalf("JSON, but %v", fault)
		}
		if fault != nil {
			return
		}
		for _, it := range p.items {
			raw := p.body[it.start:it.end]
			values := e.item(raw)
			dec := json.NewDecoder(strings.NewReader(string(raw)))
			dec.UseNumber()
			var v any
			if err := dec.Decode(&v); err != nil {
				t.Fatalf("item %q: %v", raw, err)
			}
			if diff := cmp.Diff(strings.Join(byMap(v, []string{"a", "b"}), "\n"), values[0]); diff != "" {
				t.Fatalf("a.b of %q (-want +got):\n%s", raw, diff)
			}
			if diff := cmp.Diff(strings.Join(byMap(v, []string{"a"}), "\n"), values[1]); diff != "" {
				t.Fatalf("a of %q (-want +got):\n%s", raw, diff)
			}
		}
	})
}

func FuzzPath(f *testing.F) {
	for _, p := range []string{"a.b[0].c", `a\.b`, "[0][1]", "a..b", "é[00].x"} {
		f.Add(p, `{"a":{"b":[{"c":1}]},"0":[2]}`)
	}
	f.Fuzz(func(t *testing.T, path, raw string) {
		if !jsontext.Value(raw).IsValid() {
			return
		}
		e, err := newExtractor([]string{path, "a"})
		if err != nil {
			return
		}
		if got := e.item([]byte(raw)); len(got) != 2 {
			t.Errorf("%d values", len(got))
		}
	})
}

func FuzzLink(f *testing.F) {
	f.Add(`</a>; rel="next", <b>; x="\"`)
	f.Fuzz(func(t *testing.T, header string) {
		if target := nextLink(map[string][]string{"Link": {header}}); !strings.Contains(header, target) {
			t.Errorf("%q is not in %q", target, header)
		}
	})
}

func FuzzLayout(f *testing.F) {
	f.Add("yyyy-MM-dd'T'HH:mm:ss.SSSXXX")
	f.Fuzz(func(t *testing.T, pattern string) {
		l, err := compileLayout(pattern, nil)
		if err != nil {
			return
		}
		at := vn(2018, 7, 2, 12, 3, 9)
		if l.format(at) != l.format(l.floor(at)) && !strings.Contains(pattern, "epoch") {
			t.Errorf("%q: cutting off changes %q", pattern, l.format(at))
		}
	})
}
