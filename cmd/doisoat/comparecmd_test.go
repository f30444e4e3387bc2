package main

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/adapter/world"
)

// published is what reconcile and report write as JSON, as a program that only
// knows the published shape would read it.
type published struct {
	Discrepancies []struct {
		Kind       string `json:"kind"`
		Code       string `json:"code"`
		Department string `json:"department"`
		State      string `json:"state"`
		Effect     string `json:"deadline_effect"`
	} `json:"discrepancies"`
	Rows []struct {
		Department string `json:"department"`
		Reported   counts `json:"reported"`
		Verified   counts `json:"verified"`
	} `json:"rows"`
}

type counts struct {
	ResolvedOnTime    int `json:"resolved_on_time"`
	ResolvedLate      int `json:"resolved_late"`
	InProgressOnTime  int `json:"in_progress_on_time"`
	InProgressOverdue int `json:"in_progress_overdue"`
}

func (c counts) four() world.Four {
	return world.Four{c.ResolvedOnTime, c.ResolvedLate, c.InProgressOnTime, c.InProgressOverdue}
}

// cmdJSONCmp holds a result against the truth: the discrepancies of reconcile,
// or both tables of report.
func cmdJSONCmp(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: jsoncmp truth.json out.json")
	}
	var truth world.Truth
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &truth))
	var got published
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &got))
	if got.Rows != nil {
		compareTables(ts, truth, got)
		return
	}
	open, suspected := []world.Finding{}, []world.Finding{}
	for _, d := range got.Discrepancies {
		f := world.Finding{Kind: d.Kind, Code: d.Code, Department: d.Department, DeadlineEffect: d.Effect}
		switch d.State {
		case "open":
			open = append(open, f)
		case "suspected":
			suspected = append(suspected, f)
		default:
			ts.Fatalf("%s %s is %s", d.Kind, d.Code, d.State)
		}
	}
	if len(truth.Open) == 0 {
		ts.Fatalf("%s knows of no discrepancy: nothing would be shown", args[0])
	}
	for _, list := range []struct {
		name      string
		want, got []world.Finding
	}{{"open", truth.Open, open}, {"suspected", truth.Suspected, suspected}} {
		if diff := gocmp.Diff(ordered(list.want), ordered(list.got)); diff != "" {
			ts.Fatalf("%s (-truth +found):\n%s", list.name, diff)
		}
	}
}

func ordered(list []world.Finding) []world.Finding {
	list = append([]world.Finding{}, list...)
	slices.SortFunc(list, func(a, b world.Finding) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Department, b.Department))
	})
	return list
}

func compareTables(ts *testscript.TestScript, truth world.Truth, got published) {
	reported, verified := map[string]world.Four{}, map[string]world.Four{}
	for _, row := range got.Rows {
		reported[row.Department], verified[row.Department] = row.Reported.four(), row.Verified.four()
	}
	if diff := gocmp.Diff(truth.Reported, reported); diff != "" {
		ts.Fatalf("reported (-truth +found):\n%s", diff)
	}
	if diff := gocmp.Diff(truth.Verified, verified); diff != "" {
		ts.Fatalf("verified (-truth +found):\n%s", diff)
	}
}

// cmdJSON prints one value of a JSON file: json out.json sources/0/state. With a
// third argument it sets an environment variable to it instead.
func cmdJSON(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: json file path [variable]")
	}
	var v any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &v))
	if args[1] != "." {
		for _, step := range strings.Split(args[1], "/") {
			v = into(ts, v, step)
		}
	}
	text, ok := v.(string)
	if !ok {
		raw, err := json.Marshal(v)
		ts.Check(err)
		text = string(raw)
	}
	if len(args) == 3 {
		ts.Setenv(args[2], text)
		return
	}
	_, err := ts.Stdout().Write([]byte(text + "\n"))
	ts.Check(err)
}

// into takes one step of a path: a key, an index, or key=value for the first
// element of an array that has it.
func into(ts *testscript.TestScript, v any, step string) any {
	switch v := v.(type) {
	case map[string]any:
		if value, ok := v[step]; ok {
			return value
		}
	case []any:
		if n, err := strconv.Atoi(step); err == nil && n < len(v) {
			return v[n]
		}
		key, value, _ := strings.Cut(step, "=")
		for _, item := range v {
			if m, ok := item.(map[string]any); ok && m[key] == value {
				return item
			}
		}
	}
	ts.Fatalf("json: no %s in %T", step, v)
	return nil
}
