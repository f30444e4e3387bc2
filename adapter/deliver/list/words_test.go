package list

import (
	"testing"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

func TestStatus(t *testing.T) {
	live := &reconcile.Record{Status: reconcile.Processing, Group: reconcile.Open, RawStatus: "đang   XỬ lý", Department: "TNMT",
		ReceivedAt: moment(1, 8, 0), DueAt: moment(20, 17, 0), ExtendedDueAt: day(25)}
	ended := &reconcile.Record{Status: reconcile.Returned, Group: reconcile.Done, RawStatus: "10", CompletedAt: moment(12, 9, 30), ReturnedAt: day(13), DueAt: moment(20, 17, 0)}
	for name, tc := range map[string]struct {
		kind   reconcile.Kind
		about  reconcile.Side
		record *reconcile.Record
		want   string // of the platform's cell
	}{
		"live, in the source's own words": {reconcile.ResolvedNotClosed, "", live, "Đang xử lý"},
		"ended":                           {reconcile.ClosedInProgress, "", ended, "Đã trả kết quả (10; kết thúc 12/06/2018 09:30)"},
		"ended, no date":                  {reconcile.InvalidRecord, reconcile.Office, &reconcile.Record{Status: reconcile.Stopped, Group: reconcile.Dropped}, "Dừng xử lý (không ghi ngày kết thúc)"},
		"returned only":                   {reconcile.OutcomeMismatch, "", &reconcile.Record{Status: reconcile.Returned, Group: reconcile.Done, ReturnedAt: day(13)}, "Đã trả kết quả (kết thúc 13/06/2018)"},
		"grouped otherwise":               {reconcile.PauseMismatch, "", &reconcile.Record{Status: reconcile.Payment, Group: reconcile.Open, RawStatus: "paying"}, "Yêu cầu thực hiện nghĩa vụ tài chính (paying)"},
		"not mapped":                      {reconcile.UnmappedStatus, reconcile.Platform, &reconcile.Record{RawStatus: "chờ/kho"}, "Chưa rõ: “chờ/kho”"},
		"no status at all":                {reconcile.UnmappedStatus, reconcile.Platform, &reconcile.Record{}, "Chưa ghi trạng thái"},
		"not to be read":                  {reconcile.InvalidRecord, reconcile.Platform, &reconcile.Record{Unreadable: true}, "Có hồ sơ, nhưng dữ liệu không đọc được"},
		"missing":                         {reconcile.MissingOnPlatform, "", nil, "Không có"},
		"nothing of this side":            {reconcile.Reopened, reconcile.Office, nil, "—"},
		"doubled":                         {reconcile.DuplicateCode, reconcile.Platform, nil, "Nhiều bản ghi khác nội dung"},
		"doubled, one is shown":           {reconcile.DuplicateCode, reconcile.Platform, live, "Đang xử lý (có nhiều bản ghi khác nội dung)"},
		"doubled elsewhere":               {reconcile.DuplicateCode, reconcile.Office, live, "Đang xử lý"},
		"extended":                        {reconcile.DueDateMismatch, "", live, "Đang xử lý (gia hạn đến 25/06/2018)"},
		"due":                             {reconcile.DueDateMismatch, "", &reconcile.Record{Status: reconcile.Processing, Group: reconcile.Open, DueAt: moment(20, 17, 0)}, "Đang xử lý (hẹn trả 20/06/2018 17:00)"},
		"department":                      {reconcile.DepartmentMismatch, "", live, "Đang xử lý (phòng: TNMT)"},
		"invalid":                         {reconcile.InvalidRecord, reconcile.Platform, ended, "Đã trả kết quả (10; kết thúc 12/06/2018 09:30; ngày tháng không hợp lệ)"},
		"invalid, received":               {reconcile.InvalidRecord, reconcile.Platform, live, "Đang xử lý (tiếp nhận 01/06/2018 08:00; ngày tháng không hợp lệ)"},
		"reopened":                        {reconcile.Reopened, reconcile.Platform, live, "Đang xử lý (đã kết thúc rồi mở lại)"},
		"reopened elsewhere":              {reconcile.Reopened, reconcile.Office, live, "Đang xử lý"},
		"closed backwards":                {reconcile.BackdatedClose, reconcile.Platform, ended, "Đã trả kết quả (10; kết thúc 12/06/2018 09:30; đóng lùi ngày)"},
	} {
		t.Run(name, func(t *testing.T) {
			item := &Item{Kind: tc.kind, Side: tc.about, Platform: tc.record}
			if got := (words{zone}).status(item, reconcile.Platform); got != tc.want {
				t.Errorf("status %q, want %q", got, tc.want)
			}
			mirrored := &Item{Kind: tc.kind, Side: tc.about, Office: tc.record}
			if tc.about == "" && tc.record != nil {
				if got := (words{zone}).status(mirrored, reconcile.Office); got != tc.want {
					t.Errorf("of the office: %q, want %q", got, tc.want)
				}
			}
		})
	}
}

func TestEveryKindHasItsSheetAndWords(t *testing.T) {
	for _, kind := range reconcile.Kinds {
		for _, side := range []reconcile.Side{"", reconcile.Platform, reconcile.Office} {
			item := resolved(1)
			item.Kind, item.Side = kind, side
			f := opened(t, written(t, theList(item)))
			sheet := reconcile.CorrectionLabels[reconcile.CorrectionOf(kind, side, item.Office)]
			row := rowsOf(t, f, sheet)[1]
			if row[colKind-1] != reconcile.KindLabels[kind] || row[colTask-1] != reconcile.Task(kind, side, item.Office) {
				t.Errorf("%s of %q: the row says %q", kind, side, row)
			}
		}
	}
}

func TestWhoseDatesAreShown(t *testing.T) {
	item := resolved(1)
	item.Platform.ExtendedDueAt, item.Office.DueAt = day(28), day(19)
	if got := item.due(); got != day(28) {
		t.Errorf("due %v, want the platform's extension", got)
	}
	item.Platform.ReceivedAt, item.Platform.DueAt, item.Platform.ExtendedDueAt = reconcile.Moment{}, reconcile.Moment{}, reconcile.Moment{}
	if got := item.due(); got != day(19) {
		t.Errorf("due %v, want the office's where the platform has none", got)
	}
	if got := item.received(); got != moment(1, 8, 20) {
		t.Errorf("received %v, want the office's where the platform has none", got)
	}
	if got := (&Item{}).received(); got.Known() {
		t.Errorf("received %v of no record", got)
	}
}

func TestSerial(t *testing.T) {
	for name, tc := range map[string]struct {
		at   time.Time
		want float64
		ok   bool
	}{
		"a moment":         {time.Date(2018, 6, 12, 18, 0, 0, 0, zone), 43263.75, true},
		"by its own clock": {time.Date(2018, 6, 12, 18, 0, 0, 0, time.UTC), 43263.75, true},
		"the first":        {time.Date(1900, 3, 1, 0, 0, 0, 0, zone), 61, true},
		"before the first": {time.Date(1900, 2, 28, 23, 59, 0, 0, zone), 0, false},
		"the last":         {time.Date(9999, 12, 31, 12, 0, 0, 0, zone), 2958465.5, true},
		"after the last":   {time.Date(10000, 1, 1, 0, 0, 0, 0, zone), 0, false},
		"nothing":          {time.Time{}, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got, ok := serial(tc.at); got != tc.want || ok != tc.ok {
				t.Errorf("serial(%v) = %v, %v; want %v, %v", tc.at, got, ok, tc.want, tc.ok)
			}
		})
	}
}

func TestWrapped(t *testing.T) {
	for name, tc := range map[string]struct {
		text string
		want int
	}{
		"nothing":            {"", 1},
		"it fits":            {"Đang xử lý", 1},
		"between words":      {"Đang xử lý rồi", 2},
		"a word too long":    {"000.00.16.H57-180702-0001", 3},
		"after a short word": {"a 000.00.16.H57", 3},
		"lines":              {"a\nb\n\nc", 4},
	} {
		t.Run(name, func(t *testing.T) {
			if got := wrapped(tc.text, 10); got != tc.want {
				t.Errorf("%q takes %d lines, want %d", tc.text, got, tc.want)
			}
		})
	}
	if got := height(string(make([]byte, 99_999)), 1); got != mostHeight {
		t.Errorf("a row of %g points: Excel has none", got)
	}
}
