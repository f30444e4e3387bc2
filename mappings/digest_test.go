package mappings

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

func TestDigests(t *testing.T) {
	base := compileFor(t, book, Options{Source: "s", Side: reconcile.Office})
	tests := []struct {
		name                    string
		file                    string
		options                 Options
		layoutSame, digestsSame bool
	}{
		{"the same file", book, Options{Source: "s", Side: reconcile.Office}, true, true},
		{"a comment and another order", "# note\n" + strings.Replace(book, "{P03: QLDT, Phòng Tư pháp: TP}", "{Phòng Tư pháp: TP, P03: QLDT}", 1), Options{Source: "s", Side: reconcile.Office}, true, true},
		{"another spelling of a word", strings.Replace(book, "Đã trả", "ĐÃ TRẢ", 1), Options{Source: "s", Side: reconcile.Office}, true, true},
		{"a status", strings.Replace(book, "Đã trả: returned", "Đã trả: resolved", 1), Options{Source: "s", Side: reconcile.Office}, true, false},
		{"a group", strings.Replace(book, "processing: paused", "processing: open", 1), Options{Source: "s", Side: reconcile.Office}, true, false},
		{"a department", strings.Replace(book, "P03: QLDT", "P03: TNMT", 1), Options{Source: "s", Side: reconcile.Office}, true, false},
		{"a layout", strings.Replace(book, ", dd/MM/yyyy]", "]", 1), Options{Source: "s", Side: reconcile.Office}, true, false},
		{"a filler", strings.Replace(book, `missing: ["-"]`, `missing: ["x"]`, 1), Options{Source: "s", Side: reconcile.Office}, true, false},
		{"the zone", strings.Replace(book, "Asia/Ho_Chi_Minh", "UTC", 1), Options{Source: "s", Side: reconcile.Office}, true, false},
		{"no skipping", strings.Replace(book, "skip_rows_without: code", "", 1), Options{Source: "s", Side: reconcile.Office}, true, false},
		{"the only department", book, Options{Source: "s", Side: reconcile.Office, Department: "TP"}, true, false},
		{"the default zone of a file that has its own", book, Options{Source: "s", Side: reconcile.Office, Zone: time.UTC}, true, true},
		{"another column for a date", strings.Replace(book, "Ngày nhận", "Nhận", 1), Options{Source: "s", Side: reconcile.Office}, false, false},
		{"two columns exchanged", strings.Replace(book, "received_at: Ngày nhận, due_at: Ngày hẹn trả", "received_at: Ngày hẹn trả, due_at: Ngày nhận", 1), Options{Source: "s", Side: reconcile.Office}, false, false},
		{"a channel", withChannel, Options{Source: "s", Side: reconcile.Office}, false, false},
		{"the code by an expression", strings.Replace(book, "code: Mã hồ sơ", `code: {expr: 'trim(value("Mã hồ sơ"))'}`, 1), Options{Source: "s", Side: reconcile.Office}, false, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			table := compileFor(t, test.file, test.options)
			if same := table.Layout() == base.Layout(); same != test.layoutSame {
				t.Errorf("layout is the same: %v", same)
			}
			if same := table.Digest() == base.Digest(); same != test.digestsSame {
				t.Errorf("digest is the same: %v", same)
			}
		})
	}
}

var withChannel = strings.Replace(book, "due_at: Ngày hẹn trả}", "due_at: Ngày hẹn trả, channel: Kênh}\nchannels: {1: in_person}", 1)

func TestAChannelThatMeansSomethingElseChangesTheDigestAlone(t *testing.T) {
	o := Options{Source: "s", Side: reconcile.Office}
	one, two := compileFor(t, withChannel, o), compileFor(t, strings.Replace(withChannel, "{1: in_person}", "{1: post}", 1), o)
	if one.Layout() != two.Layout() || one.Digest() == two.Digest() {
		t.Errorf("layout %s and %s, digest %s and %s", one.Layout(), two.Layout(), one.Digest(), two.Digest())
	}
}

// What stands before the channel keeps its number, so that what is stored of a
// file without one stays as it was.
func TestTheChannelIsTheLastInput(t *testing.T) {
	o := Options{Source: "s", Side: reconcile.Office}
	without, with := compileFor(t, book, o).Inputs(), compileFor(t, withChannel, o).Inputs()
	if !slices.Equal(append(without, "Kênh"), with) {
		t.Errorf("%q became %q", without, with)
	}
}

// The digests are kept in databases: they may change only together with
// digestVersion or on purpose.
func TestDigestsStayWhatTheyWere(t *testing.T) {
	table := compileFor(t, book, Options{Source: "s", Side: reconcile.Office})
	if got, want := table.Layout(), "5125344582717bb99250ed5f432ebc67"; got != want {
		t.Errorf("layout %s, want %s", got, want)
	}
	if got, want := table.Digest(), "d028049e7d61a062ba8c574f5f3a4071"; got != want {
		t.Errorf("digest %s, want %s", got, want)
	}
}

func compileFor(t *testing.T, file string, o Options) *Table {
	t.Helper()
	s, err := Parse("m.yaml", []byte(file))
	if err != nil {
		t.Fatal(err)
	}
	table, err := s.Compile(o)
	if err != nil {
		t.Fatal(err)
	}
	return table
}
