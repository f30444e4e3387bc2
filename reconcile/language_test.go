package reconcile_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/doisoat/doisoat/reconcile"
)

func TestWorkingTimeInWords(t *testing.T) {
	t.Parallel()
	const h, m = time.Hour, time.Minute
	tests := []struct {
		d      time.Duration
		vi, en string
	}{
		{0, "0 phút làm việc", "0 minutes of working time"},
		{-h, "0 phút làm việc", "0 minutes of working time"},
		{59 * time.Second, "0 phút làm việc", "0 minutes of working time"},
		{m, "1 phút làm việc", "1 minute of working time"},
		{h, "1 giờ làm việc", "1 hour of working time"},
		{3*h + 20*m, "3 giờ 20 phút làm việc", "3 hours 20 minutes of working time"},
		{8 * h, "1 ngày làm việc", "1 day of working time"},
		{19 * h, "2 ngày 3 giờ làm việc", "2 days 3 hours of working time"},
		{16*h + m, "2 ngày 1 phút làm việc", "2 days 1 minute of working time"},
	}
	for _, test := range tests {
		if vi, en := reconcile.WorkingTimeVi(test.d, 8*h), reconcile.WorkingTimeEn(test.d, 8*h); vi != test.vi || en != test.en {
			t.Errorf("%v: %q, %q", test.d, vi, en)
		}
	}
	if got := reconcile.WorkingTimeVi(25*h, 0); got != "25 giờ làm việc" {
		t.Errorf("without a day's length: %q", got)
	}
}

// labelled are all tables of labels, each with what it must name.
func labelled() map[string][2]map[string]string {
	return map[string][2]map[string]string{
		"kind":         {texts(reconcile.KindLabels), texts(reconcile.KindLabelsEn)},
		"status":       {texts(reconcile.StatusLabels), texts(reconcile.StatusLabelsEn)},
		"state":        {texts(reconcile.StateLabels), texts(reconcile.StateLabelsEn)},
		"effect":       {texts(reconcile.EffectLabels), texts(reconcile.EffectLabelsEn)},
		"correction":   {texts(reconcile.CorrectionLabels), texts(reconcile.CorrectionLabelsEn)},
		"channel":      {texts(reconcile.ChannelLabels), texts(reconcile.ChannelLabelsEn)},
		"task":         {tasks(reconcile.Task), tasks(reconcile.TaskEn)},
		"task, a side": {tasks(officeTask(reconcile.Task)), tasks(officeTask(reconcile.TaskEn))},
	}
}

func texts[K ~string](labels map[K]string) map[string]string {
	out := map[string]string{}
	for k, v := range labels {
		out[string(k)] = v
	}
	return out
}

type taskOf func(reconcile.Kind, reconcile.Side, *reconcile.Record) string

func officeTask(task taskOf) taskOf {
	extended := &reconcile.Record{ExtendedDueAt: reconcile.Moment{Time: early}}
	return func(k reconcile.Kind, _ reconcile.Side, _ *reconcile.Record) string {
		return task(k, reconcile.Office, extended)
	}
}

func tasks(task taskOf) map[string]string {
	out := map[string]string{}
	for _, k := range reconcile.Kinds {
		out[string(k)] = task(k, reconcile.Platform, nil)
	}
	return out
}

func words[T ~string](list []T) (out []string) {
	for _, v := range list {
		out = append(out, string(v))
	}
	return out
}

func TestEverythingHasALabelInBothLanguages(t *testing.T) {
	t.Parallel()
	of := map[string][]string{
		"kind": words(reconcile.Kinds), "status": words(reconcile.Statuses), "state": words(reconcile.States),
		"effect": words(reconcile.Effects), "correction": words(reconcile.Corrections), "channel": words(reconcile.Channels),
		"task": words(reconcile.Kinds), "task, a side": words(reconcile.Kinds),
	}
	for what, tables := range labelled() {
		for language, table := range tables {
			if got, want := slices.Sorted(maps.Keys(table)), slices.Sorted(slices.Values(of[what])); !slices.Equal(got, want) {
				t.Errorf("%s, language %d: labels of %q, not of %q", what, language, got, want)
			}
			seen := map[string]string{}
			for key, label := range table {
				if problem := badText(label); problem != "" {
					t.Errorf("%s %s: %q %s", what, key, label, problem)
				}
				if other := seen[label]; other != "" {
					t.Errorf("%s: %s and %s are both %q", what, key, other, label)
				}
				seen[label] = key
				if language == 1 && !isASCII(label) {
					t.Errorf("%s %s: %q is no English", what, key, label)
				}
			}
		}
	}
}

// badText says what is wrong with a text for people: it is one line, without double
// blanks, and NFC, which for Vietnamese means that no letter carries a loose mark.
func badText(text string) string {
	switch {
	case text == "":
		return "is empty"
	case text != strings.TrimSpace(text) || strings.Contains(text, "  "):
		return "has blanks where none belong"
	case strings.ContainsFunc(text, unicode.IsControl):
		return "holds control characters"
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Mn, r) }):
		return "is not NFC"
	case strings.Contains(text, "%!") || strings.Contains(text, "(%"):
		return "was put together wrongly"
	}
	return ""
}

func isASCII(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII })
}

func isSentence(text string) bool {
	first := []rune(text + ".")[0]
	return badText(text) == "" && strings.HasSuffix(text, ".") && !strings.HasSuffix(text, "..") && (unicode.IsUpper(first) || unicode.IsDigit(first))
}
