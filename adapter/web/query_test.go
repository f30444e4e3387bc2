package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/doisoat/doisoat/reconcile"
)

func TestQuery(t *testing.T) {
	place := &Cursor{Kind: reconcile.DuplicateCode, Department: "", Code: "A/B ơ", Side: reconcile.Office}
	aged := &Cursor{Kind: reconcile.DuplicateCode, Code: "A", Since: -7}
	for name, c := range map[string]struct {
		raw  string
		want Query
	}{
		"nothing chooses what stands": {"", Query{Limit: DefaultLimit}},
		"states repeated and listed": {"state=open,waived&state=suspected&state=open",
			Query{States: []reconcile.State{reconcile.StateSuspected, reconcile.StateOpen, reconcile.StateWaived}, Limit: DefaultLimit}},
		"everything": {"all=true&department=KT&kind=duplicate_code&effect=hidden_overdue&code=h57+1&unstable=true&limit=1000",
			Query{All: true, Department: "KT", Kind: reconcile.DuplicateCode, Effect: reconcile.HiddenOverdue, Code: "h57 1", Unstable: true, Limit: 1000}},
		"switches that are off": {"all=false&unstable=false", Query{Limit: DefaultLimit}},
		"Vietnamese, escaped":   {"department=Ph%C3%B2ng", Query{Department: "Phòng", Limit: DefaultLimit}},
		"by age": {"order=-since&code_prefix=h57-18&cursor=" + aged.token("code_prefix=h57-18&order=-since"),
			Query{Order: ByNewest, CodePrefix: "h57-18", Limit: DefaultLimit, After: aged}},
		"a place": {"limit=2&cursor=" + place.token(""), Query{Limit: 2, After: place}},
		"a place under a filter": {"kind=duplicate_code&cursor=" + place.token("kind=duplicate_code"),
			Query{Kind: reconcile.DuplicateCode, Limit: DefaultLimit, After: place}},
	} {
		t.Run(name, func(t *testing.T) {
			p := parametersOf(c.raw)
			got := queryOf(p)
			if diff := cmp.Diff(c.want, got, cmpopts.IgnoreFields(Query{}, "Scope")); diff != "" || p.bad != nil {
				t.Errorf("faults %v, query (-want +got):\n%s", p.bad, diff)
			}
		})
	}
}

func TestParametersThatCannotBeRight(t *testing.T) {
	other := (&Cursor{Kind: reconcile.DuplicateCode, Code: "A"}).token("department=KT")
	for name, c := range map[string]struct {
		raw  string
		want []badParameter
	}{
		"a misspelt filter": {"departement=KT", []badParameter{{"departement", "unknown; there are " + strings.Join(discrepancyParameters, ", ")}}},
		"a state that is none": {"state=open,closed",
			[]badParameter{{"state", `"closed" is none of them; there are suspected, open, acknowledged, waived, resolved`}}},
		"states with nothing between": {"state=open,", []badParameter{{"state", `"" is none of them; there are suspected, open, acknowledged, waived, resolved`}}},
		"all and some":                {"all=true&state=open", []badParameter{{"all", "state names the states already; leave one of the two out"}}},
		"a kind that is none": {"kind=typo", []badParameter{
			{"kind", `"typo" is none of them; there are ` + strings.Join(texts(reconcile.Kinds), ", ")}}},
		"an effect that is none":   {"effect=late", []badParameter{{"effect", `"late" is none of them; there are false_overdue, hidden_overdue, none`}}},
		"a code and how it begins": {"code=A&code_prefix=A", []badParameter{{"code_prefix", "code names the dossier already; leave one of the two out"}}},
		"an order that is none":    {"order=kind", []badParameter{{"order", `"kind" is none of them; there are since, -since, code`}}},
		"an age where none counts": {"order=code&cursor=" + (&Cursor{Kind: reconcile.DuplicateCode, Code: "A", Since: 7}).token("order=code"),
			[]badParameter{{"cursor", errCursor.Error()}}},
		"no page at all":          {"limit=0", []badParameter{{"limit", `"0" is no whole number from 1 to 1000`}}},
		"too long a page":         {"limit=1001", []badParameter{{"limit", `"1001" is no whole number from 1 to 1000`}}},
		"a page that overflows":   {"limit=99999999999999999999", []badParameter{{"limit", `"99999999999999999999" is no whole number from 1 to 1000`}}},
		"neither yes nor no":      {"all=1", []badParameter{{"all", `"1" is neither true nor false`}}},
		"an empty value":          {"department=", []badParameter{{"department", "empty; leave it out to choose all"}}},
		"two departments":         {"department=KT&department=TP", []badParameter{{"department", "given 2 times; give it once"}}},
		"two places":              {"cursor=a&cursor=b", []badParameter{{"cursor", "given 2 times; give it once"}}},
		"text that is none":       {"code=%FF", []badParameter{{"code", "not readable text of at most 256 bytes in UTF-8"}}},
		"a control character":     {"code=A%00", []badParameter{{"code", "not readable text of at most 256 bytes in UTF-8"}}},
		"a very long code":        {"code=" + strings.Repeat("A", 257), []badParameter{{"code", "not readable text of at most 256 bytes in UTF-8"}}},
		"a place of somebody's":   {"cursor=AAAA", []badParameter{{"cursor", errCursor.Error()}}},
		"an empty place":          {"cursor=", []badParameter{{"cursor", errCursor.Error()}}},
		"another filter's place":  {"cursor=" + other, []badParameter{{"cursor", errCursorFilter.Error()}}},
		"several faults at once":  {"limit=x&b=1&a=1", []badParameter{{Name: "a"}, {Name: "b"}, {Name: "limit"}}},
		"an escape that is none":  {"code=%zz", []badParameter{{Name: "query"}}},
		"a long unknown name":     {strings.Repeat("n", 300) + "=1", []badParameter{{Name: strings.Repeat("n", 40) + "…"}}},
		"semicolons as separator": {"a=1;b=2", []badParameter{{Name: "query"}}},
	} {
		t.Run(name, func(t *testing.T) {
			p := parametersOf(c.raw)
			queryOf(p)
			var options cmp.Options
			if c.want[0].Detail == "" {
				options = append(options, cmpopts.IgnoreFields(badParameter{}, "Detail"))
			}
			if diff := cmp.Diff(c.want, p.bad, options); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAFaultyParameterIsAnsweredWithItsName(t *testing.T) {
	s := start(t, nil)
	for _, path := range []string{"/api/v1/discrepancies?stat=open", "/api/v1/status?stat=1", "/api/v1/sources?stat=1", "/api/v1/dossiers/A?stat=1"} {
		a := s.get(t, path)
		if a.status != http.StatusBadRequest || !strings.Contains(a.body, `{"name":"stat","detail":"unknown; th`) {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	if n := s.backend.asked.Load(); n != 0 {
		t.Errorf("the backend was asked %d times", n)
	}
	if a := s.get(t, "/api/v1/dossiers/A%00"); a.status != http.StatusBadRequest || !strings.Contains(a.body, `"name":"code"`) {
		t.Errorf("a code with a control character: %d %s", a.status, a.body)
	}
}

func TestACursorIsGoodForNothingElse(t *testing.T) {
	good := &Cursor{Kind: reconcile.DuplicateCode, Department: "KT", Code: "A", Side: reconcile.Office}
	if got, err := parseCursor(good.token("x"), "x"); err != nil || *got != *good {
		t.Fatalf("a cursor comes back as %+v, %v", got, err)
	}
	for name, c := range map[string]struct {
		token string
		want  error
	}{
		"another filter":  {good.token("y"), errCursorFilter},
		"an unknown kind": {(&Cursor{Kind: "typo", Code: "A"}).token("x"), errCursor},
		"an unknown side": {(&Cursor{Kind: good.Kind, Code: "A", Side: "both"}).token("x"), errCursor},
		"no code":         {(&Cursor{Kind: good.Kind}).token("x"), errCursor},
		"a long code":     {(&Cursor{Kind: good.Kind, Code: strings.Repeat("A", 300)}).token("x"), errCursor},
		"text before":     {"A" + good.token("x"), errCursor},
		"text after":      {good.token("x") + "A", errCursor},
		"no base64":       {"!!!", errCursor},
		"a huge one":      {strings.Repeat("A", maxToken+1), errCursor},
	} {
		if _, err := parseCursor(c.token, "x"); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func FuzzQuery(f *testing.F) {
	f.Add("")
	f.Add("state=open,waived&state=suspected&limit=7&department=Ph%C3%B2ng&all=false&unstable=true&effect=none")
	f.Add("all=true&kind=reopened&code=A%2FB&cursor=" + (&Cursor{Kind: reconcile.Reopened, Code: "A"}).token("all=true&code=A%2FB&kind=reopened"))
	f.Add("a;b&%zz=%FF&limit=-1")
	f.Fuzz(func(t *testing.T, raw string) {
		p := parametersOf(raw)
		q := queryOf(p)
		if q.Limit < 1 || q.Limit > MaxLimit {
			t.Fatalf("limit %d", q.Limit)
		}
		if _, err := encode(problem{Parameters: p.bad}); err != nil {
			t.Fatalf("the faults cannot be told: %v", err)
		}
		if len(p.bad) > 0 {
			return
		}
		// Its own way of writing a query means the same, and is always the same.
		again := parametersOf(q.address(q.After))
		same := queryOf(again)
		if diff := cmp.Diff(q, same, cmpopts.IgnoreFields(Query{}, "Scope")); diff != "" || again.bad != nil {
			t.Fatalf("%q, written as %q: %v\n%s", raw, q.address(q.After), again.bad, diff)
		}
		if q.address(q.After) != same.address(same.After) {
			t.Fatalf("written as %q, then as %q", q.address(q.After), same.address(same.After))
		}
		if _, err := url.ParseQuery(q.address(q.After)); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzCursor(f *testing.F) {
	f.Add((&Cursor{Kind: reconcile.Reopened, Department: "KT", Code: "A", Side: reconcile.Platform}).token(""), "")
	f.Add((&Cursor{Kind: reconcile.Reopened, Code: "ơ"}).token("kind=reopened"), "kind=reopened")
	f.Add("eyJmIjpudWxsfQ", "")
	f.Fuzz(func(t *testing.T, token, filter string) {
		c, err := parseCursor(token, filter)
		if (c == nil) == (err == nil) {
			t.Fatalf("%v and %v", c, err)
		}
		if err == nil && c.token(filter) != token {
			t.Fatalf("%q comes back as %q", token, c.token(filter))
		}
	})
}
