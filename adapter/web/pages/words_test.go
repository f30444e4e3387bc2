package pages

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/reconcile"
)

// onlyEnglish are the keys of what package reconcile names in Vietnamese itself.
var onlyEnglish = []string{"kind.", "state.", "effect.", "status.", "task."}

func TestBothLanguagesHaveTheSameKeys(t *testing.T) {
	for key := range words[vi] {
		if _, there := words[en][key]; !there {
			t.Errorf("English lacks %q", key)
		}
	}
	for key := range words[en] {
		_, there := words[vi][key]
		only := slices.ContainsFunc(onlyEnglish, func(prefix string) bool { return strings.HasPrefix(key, prefix) })
		if !there && !only {
			t.Errorf("Vietnamese lacks %q", key)
		}
	}
}

var verb = regexp.MustCompile(`%(?:\[\d+\])?[sd]|\{[a-z.]+\}`)

func TestBothLanguagesTakeTheSameArguments(t *testing.T) {
	for key, text := range words[vi] {
		if v, e := slices.Sorted(slices.Values(verb.FindAllString(text, -1))), slices.Sorted(slices.Values(verb.FindAllString(words[en][key], -1))); !slices.Equal(v, e) {
			t.Errorf("%q takes %v in Vietnamese and %v in English", key, v, e)
		}
	}
}

func TestNoPhraseIsEmptyOrTwiceInALanguage(t *testing.T) {
	parts := map[language][]phrases{vi: {viCommon, viLabels, viWhy, viWork, viManage}, en: {enCommon, enLabels, enWhy, enWork, enManage}}
	for l, list := range parts {
		total := 0
		for _, part := range list {
			total += len(part)
		}
		if total != len(words[l]) {
			t.Errorf("%s: %d phrases in the files, %d keys", l, total, len(words[l]))
		}
		for key, text := range words[l] {
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s: %q says nothing", l, key)
			}
		}
	}
}

// constants are the keys that are put together from constants of other packages.
func constants() []string {
	var keys []string
	add := func(prefix string, values ...string) {
		for _, v := range values {
			keys = append(keys, prefix+v)
		}
	}
	add("kind.", texts(reconcile.Kinds)...)
	add("state.", texts(reconcile.States)...)
	add("effect.", texts(reconcile.Effects)...)
	add("status.", texts(reconcile.Statuses)...)
	add("verdict.", texts(web.VerdictTexts)...)
	add("role.", texts(access.Roles)...)
	add("via.", "", "password", "oidc", "proxy", "token", "demo", "open", "command")
	add("side.", "platform", "office")
	add("snapshot.", texts(reconcile.SnapshotStates)...)
	add("mode.", string(reconcile.Full), string(reconcile.Incremental), string(reconcile.Reread))
	add("cause.", texts(reconcile.Causes)...)
	add("protocol.", "http", "database", "workbook")
	add("delivery.", texts(web.DeliveryStates)...)
	add("channel.", "email", "folder", "webhook", "sftp")
	add("account.", texts(reconcile.Accounts)...)
	add("column.", texts(reconcile.Columns)...)
	add("order.", texts(web.Orders)...)
	add("core.", web.Outcomes...)
	add("core.", reconcile.DueFromOfficeExtension, reconcile.DueFromPlatform, reconcile.DueFromOffice, reconcile.DueFromNowhere)
	for _, code := range flashes {
		add("done.", code)
		if _, counted := words[vi]["done."+code+".n"]; counted {
			add("done.", code+".n")
		}
	}
	for _, place := range places {
		add("", place.key)
	}
	for _, c := range cardsOf(nil) {
		add("", c.Key, c.Key+".what")
	}
	add("list.state.", allStates, listedStates)
	add("effect.says.", string(reconcile.FalseOverdue), string(reconcile.HiddenOverdue))
	add("field.", slices.Collect(maps.Keys(sections))...)
	add("file.", "docx", "xlsx", "pdf")
	for _, what := range []string{"acknowledge", "waive", "take-back"} {
		add("act.", what+".note.missing")
	}
	return keys
}

func texts[T ~string](list []T) []string {
	var out []string
	for _, one := range list {
		out = append(out, string(one))
	}
	return out
}

func TestEveryConstantHasAName(t *testing.T) {
	for _, key := range constants() {
		_, inEnglish := words[en][key]
		if !inEnglish {
			t.Errorf("English lacks %q", key)
		}
		only := slices.ContainsFunc(onlyEnglish, func(prefix string) bool {
			return strings.HasPrefix(key, prefix) && !strings.HasPrefix(key, "effect.says.")
		})
		if _, inVietnamese := words[vi][key]; !inVietnamese && !only {
			t.Errorf("Vietnamese lacks %q", key)
		}
	}
}

func TestEveryKindHasASentenceAndATaskInBothLanguages(t *testing.T) {
	platform := &web.Record{Status: reconcile.Processing, RawStatus: "4", Source: "dvc", Department: "KT", DueAt: "2018-06-29"}
	office := &web.Record{Status: reconcile.Returned, Department: "TP", CompletedAt: "2018-06-25T10:00:00+07:00", RawStatus: "Đã trả {p.status}", Source: "book"}
	for _, l := range languages {
		v := &view{Language: l}
		for _, kind := range reconcile.Kinds {
			for _, at := range []reconcile.Side{"", reconcile.Platform, reconcile.Office} {
				for _, both := range [][2]*web.Record{{platform, office}, {nil, office}, {platform, nil}} {
					sentence := v.sentence(testZone, kind, at, both[0], both[1])
					if strings.HasPrefix(sentence, "why.") || strings.Contains(strings.ReplaceAll(sentence, office.RawStatus, ""), "{") || both[0] != nil && both[1] != nil && strings.Contains(sentence, "  ") {
						t.Errorf("%s, %s at %q: %q", l, kind, at, sentence)
					}
				}
				if task := v.task(kind, at, nil); task == "" || strings.HasPrefix(task, "task.") {
					t.Errorf("%s, %s at %q: task %q", l, kind, at, task)
				}
			}
		}
	}
}

func TestNoKeyIsUnused(t *testing.T) {
	var used strings.Builder
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "vi") || strings.HasPrefix(path, "en") {
			return err
		}
		if ext := filepath.Ext(path); ext != ".go" && ext != ".html" {
			return nil
		}
		content, err := os.ReadFile(path)
		used.Write(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	text := used.String()
	known := constants()
	for key := range words[en] {
		switch {
		case strings.Contains(text, `"`+key+`"`), slices.Contains(known, key),
			strings.HasPrefix(key, "why."), strings.HasPrefix(key, "task."), strings.HasPrefix(key, "core."): // see the tests above
		default:
			t.Errorf("nothing says %q", key)
		}
	}
}

func TestAnUnknownKeyIsAFault(t *testing.T) {
	if _, err := words[vi].say("no.such"); err == nil {
		t.Error("say gave something for a key that is not there")
	}
	if got := fmt.Sprint((&view{Language: vi}).say("act.ids.many", "1.000")); got != "Mỗi lần chọn tối đa 1.000 dòng." {
		t.Error(got)
	}
}
