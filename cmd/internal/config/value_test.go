package config

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/doisoat/doisoat/mappings"
)

// textValue is a value as a file would hold it.
func textValue(r *reader, text string) value {
	return value{r: r, path: "key", line: 1, node: &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}}
}

func TestCronTakesWhatEveryCronUnderstands(t *testing.T) {
	for text, good := range map[string]bool{
		"0 1 * * *": true, "*/15 * * * *": true, "0 7-17/2 * * mon-fri": true, "0,30 1 1,15 JAN,Jul *": true,
		"5/20 * * * *": true, "  0  1 * *  0 ": true, "0 1 29 2 *": true, "0 1 31 2 1": true, // the Mondays of February
		"": false, "0 1 * *": false, "0 1 * * * *": false, "60 1 * * *": false, "0 1 0 * *": false, "0 1 * 13 *": false,
		"0 1 * * 7": false, "0 1 * * sunday": false, "a 1 * * *": false, "*/0 * * * *": false, "5-1 * * * *": false,
		"@daily": false, "0 1 31 4,6 *": false, "0 1 ? * *": false, "-1 1 * * *": false, "+1 1 * * *": false, "1- * * * *": false, ", * * * *": false,
	} {
		r := &reader{}
		got := textValue(r, text).cron()
		if want := strings.Join(strings.Fields(text), " "); good && (got != want || len(r.faults) > 0) {
			t.Errorf("%q: got %q, faults %v", text, got, r.faults)
		}
		if !good && len(r.faults) != 1 {
			t.Errorf("%q: %d faults, want one", text, len(r.faults))
		}
	}
}

func TestLayoutsAreThoseTheHTTPSourceWrites(t *testing.T) {
	for text, good := range map[string]bool{
		"yyyyMMddHHmmss": true, "dd/MM/yyyy": true, "yyyy-MM-dd'T'HH:mm:ss.SSSXXX": true, "yyyy-MM-dd'T'HH:mm:ss'Z'": true, "epoch": true, "epoch_ms": true,
		"yyyy": false, "yyyyMM": false, "yyyy-MM-dd'T": false, "YYYY-MM-dd": false, "yyyy-MM-DD": false, "yyyy-MM-dd hh:mm": false,
		"2006-01-02": false, "yyyy-MM-dd EEE": false, "ddMMyy": false,
	} {
		r := &reader{}
		if got := textValue(r, text).layout(); good && (got != text || len(r.faults) > 0) || !good && (got != "" || len(r.faults) != 1) {
			t.Errorf("%q: got %q, faults %v", text, got, r.faults)
		}
	}
}

func TestTheNearestKnownWordIsSuggested(t *testing.T) {
	known := []string{"name", "departments", "mapping", "poll", "http", "database", "workbook", "resolved_not_closed", "url"}
	for given, want := range map[string]string{
		"Name": "name", "nmae": "name", "department": "departments", "data-base": "database", "databse": "database",
		"resolvedNotClosed": "resolved_not_closed", "htpp": "http", "uri": "url",
		"prometheus": "", "x": "", "": "", strings.Repeat("z", 10_000): "",
	} {
		if got := mappings.Nearest(given, known); got != want {
			t.Errorf("%.20q: got %q, want %q", given, got, want)
		}
	}
}

func TestAFaultIsOneLineWhateverTheFileHolds(t *testing.T) {
	for shown, want := range map[string]string{
		"plain": "plain", "": `""`, " a ": `" a "`, "a: b": `"a: b"`, "a\nb": `"a\nb"`, "a\x1b[31m": `"a\x1b[31m"`, "Phòng Kinh tế": "Phòng Kinh tế",
		strings.Repeat("đ", 100): strings.Repeat("đ", 77) + "…",
	} {
		if got := quoteIfOdd(shown); got != want {
			t.Errorf("%q: got %s, want %s", shown, got, want)
		}
	}
	if got := keyText("a\nb"); strings.Contains(got, "\n") {
		t.Errorf("a key broke the line: %q", got)
	}
	if got := (Fault{File: "f", Problem: "p"}).Error(); got != "f: p" {
		t.Errorf("got %q", got)
	}
}

func TestFaultsComeInOrderAndOnce(t *testing.T) {
	faults := Faults{{Line: 9, Key: "b"}, {Line: 2, Key: "z"}, {Line: 9, Key: "a"}, {Line: 9, Key: "b"}}.ordered()
	var keys string
	for _, f := range faults {
		keys += f.Key
	}
	if keys != "zba" {
		t.Errorf("order %s, want zba: by line, then as found, each once", keys)
	}
}
