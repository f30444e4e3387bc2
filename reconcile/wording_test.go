package reconcile_test

import (
	"strings"
	"testing"

	"github.com/doisoat/doisoat/reconcile"
)

// said is a record as a line of a test gives it: "status, field value, …".
func said(t *testing.T, side reconcile.Side, line string) *reconcile.Record {
	t.Helper()
	if line == "" {
		return nil
	}
	rec := &reconcile.Record{Side: side, Code: "H57-1", ReadAt: at("2018-07-05", "08:00")}
	for i, part := range strings.Split(line, ", ") {
		f := field{"status", part}
		if i > 0 {
			f.key, f.value, _ = strings.Cut(part, " ")
		}
		if err := setRecord(rec, f); err != nil {
			t.Fatal(err)
		}
	}
	return rec
}

func TestEachFindingInAVietnameseSentence(t *testing.T) {
	t.Parallel()
	const both = reconcile.Side("")
	tests := []struct {
		kind             reconcile.Kind
		side             reconcile.Side
		platform, office string
		want             string
	}{
		{reconcile.ResolvedNotClosed, both, "processing", "returned, completed_at 12/06/2018", "Phòng ghi hồ sơ kết thúc 12/06/2018, nhưng hệ thống vẫn ghi Đang xử lý."},
		{reconcile.ResolvedNotClosed, both, "supplement", "withdrawn, completed_at 12/06/2018 08:30", "Phòng ghi hồ sơ kết thúc 12/06/2018 08:30 (Công dân yêu cầu rút), nhưng hệ thống vẫn ghi Yêu cầu bổ sung giấy tờ."},
		{reconcile.ResolvedNotClosed, both, "received", "stopped", "Phòng ghi hồ sơ đã kết thúc (Dừng xử lý), nhưng hệ thống vẫn ghi Được tiếp nhận."},
		{reconcile.ResolvedNotClosed, both, "", "", "Phòng ghi hồ sơ đã kết thúc, nhưng hệ thống chưa kết thúc."},
		{reconcile.ResolvedNotClosed, both, "returned, completed_at 13/06/2018", "returned, completed_at 12/06/2018", "Hệ thống và phòng không cùng ghi hồ sơ đã kết thúc."},
		{reconcile.ClosedInProgress, both, "returned, returned_at 12/06/2018 16:45", "payment", "Hệ thống ghi hồ sơ kết thúc 12/06/2018 16:45, nhưng phòng vẫn ghi Yêu cầu thực hiện nghĩa vụ tài chính."},
		{reconcile.ClosedInProgress, both, "resolved, completed_at 12/06/2018", "", "Hệ thống ghi hồ sơ kết thúc 12/06/2018, nhưng phòng chưa giải quyết xong."},
		{reconcile.OutcomeMismatch, both, "returned, completed_at 12/06/2018", "withdrawn", "Hệ thống ghi kết quả là Đã trả kết quả (12/06/2018), phòng ghi Công dân yêu cầu rút."},
		{reconcile.OutcomeMismatch, both, "returned, completed_at 12/06/2018", "processing", "Hệ thống và phòng ghi kết quả khác nhau."},
		{reconcile.PauseMismatch, both, "supplement", "processing", "Hệ thống ghi hồ sơ đang tạm dừng (Yêu cầu bổ sung giấy tờ), nhưng phòng ghi Đang xử lý."},
		{reconcile.PauseMismatch, both, "processing", "payment", "Phòng ghi hồ sơ đang tạm dừng (Yêu cầu thực hiện nghĩa vụ tài chính), nhưng hệ thống ghi Đang xử lý."},
		{reconcile.PauseMismatch, both, "processing", "processing", "Hệ thống và phòng không cùng ghi hồ sơ đang tạm dừng."},
		{reconcile.CompletionDateMismatch, both, "returned, completed_at 14/06/2018 10:00", "returned, completed_at 12/06/2018", "Hệ thống ghi ngày kết thúc là 14/06/2018 10:00, phòng ghi 12/06/2018."},
		{reconcile.CompletionDateMismatch, both, "returned, completed_at 14/06/2018 10:00", "", "Hệ thống và phòng ghi ngày kết thúc khác nhau."},
		{reconcile.DueDateMismatch, both, "processing, due_at 14/06/2018", "processing, due_at 15/06/2018 17:00", "Hệ thống ghi hạn trả là 14/06/2018, phòng ghi 15/06/2018 17:00."},
		{reconcile.DueDateMismatch, both, "processing, due_at 14/06/2018", "processing, due_at 14/06/2018, extended_due_at 20/06/2018", "Phòng ghi gia hạn đến 20/06/2018, nhưng hạn trả trên hệ thống là 14/06/2018."},
		{reconcile.DepartmentMismatch, both, "processing, department KT", "processing, department TP", "Hệ thống ghi phòng xử lý là Phòng KT, phòng ghi Phòng TP."},
		{reconcile.MissingInOffice, both, "processing, received_at 01/06/2018 07:30", "", "Hệ thống có hồ sơ này (Đang xử lý, tiếp nhận 01/06/2018 07:30), nhưng sổ của phòng chưa có."},
		{reconcile.MissingInOffice, both, "processing", "", "Hệ thống có hồ sơ này (Đang xử lý), nhưng sổ của phòng chưa có."},
		{reconcile.MissingOnPlatform, both, "", "received, received_at 01/06/2018", "Sổ của phòng có hồ sơ này (Được tiếp nhận, tiếp nhận 01/06/2018), nhưng hệ thống chưa có."},
		{reconcile.MissingOnPlatform, both, "", "", "Sổ của phòng có hồ sơ này, nhưng hệ thống chưa có."},
		{reconcile.DuplicateCode, reconcile.Platform, "processing", "", "Hệ thống có nhiều bản ghi mang mã hồ sơ này với nội dung khác nhau."},
		{reconcile.DuplicateCode, reconcile.Office, "", "processing", "Sổ của phòng có nhiều dòng mang mã hồ sơ này với nội dung khác nhau."},
		{reconcile.UnmappedStatus, reconcile.Platform, "99", "", "Hệ thống ghi trạng thái “99” mà bảng ánh xạ chưa có."},
		{reconcile.UnmappedStatus, reconcile.Office, "", "chờ  xếp", "Phòng ghi trạng thái “chờ xếp” mà bảng ánh xạ chưa có."},
		{reconcile.UnmappedStatus, reconcile.Office, "", "", "Phòng ghi một trạng thái mà bảng ánh xạ chưa có."},
		{reconcile.InvalidRecord, reconcile.Office, "", "returned", "Ngày tháng trong sổ của phòng không hợp lệ: ghi Đã trả kết quả nhưng không có ngày kết thúc."},
		{reconcile.InvalidRecord, reconcile.Platform, "returned, received_at 12/06/2018 08:00, completed_at 11/06/2018", "", "Ngày tháng trên hệ thống không hợp lệ: kết thúc 11/06/2018, trước khi tiếp nhận 12/06/2018 08:00."},
		{reconcile.InvalidRecord, reconcile.Platform, "returned, received_at 12/06/2018 08:00, completed_at 12/08/2018", "", "Ngày tháng trên hệ thống không hợp lệ: kết thúc 12/08/2018, sau thời điểm đọc dữ liệu."},
		{reconcile.InvalidRecord, reconcile.Office, "", "processing, received_at 12/08/2018", "Ngày tháng trong sổ của phòng không hợp lệ: tiếp nhận 12/08/2018, sau thời điểm đọc dữ liệu."},
		{reconcile.InvalidRecord, reconcile.Platform, "returned, received_at 12/06/2018 08:00, completed_at 12/06/2018", "", "Ngày tháng trên hệ thống không hợp lệ."},
		{reconcile.InvalidRecord, reconcile.Platform, "", "", "Ngày tháng trên hệ thống không hợp lệ."},
		{reconcile.Reopened, reconcile.Platform, "processing", "", "Hệ thống đã từng ghi hồ sơ kết thúc, nay ghi Đang xử lý."},
		{reconcile.Reopened, reconcile.Office, "", "", "Phòng đã từng ghi hồ sơ kết thúc, nay lại ghi chưa kết thúc."},
		{reconcile.Reopened, reconcile.Office, "", "returned, completed_at 12/06/2018", "Phòng đã từng ghi hồ sơ kết thúc rồi mở lại."},
		{reconcile.BackdatedClose, reconcile.Platform, "returned, completed_at 12/06/2018", "", "Hệ thống ghi hồ sơ kết thúc 12/06/2018, sớm hơn lúc hồ sơ còn đang xử lý theo dữ liệu đã đọc."},
		{reconcile.BackdatedClose, reconcile.Office, "", "", "Ngày kết thúc trong sổ của phòng sớm hơn lúc hồ sơ còn đang xử lý theo dữ liệu đã đọc."},
	}
	w := reconcile.Wording{Zone: vietnam, Name: func(code string) string { return "Phòng " + code }}
	seen := map[reconcile.Kind]bool{}
	for _, test := range tests {
		seen[test.kind] = true
		got := w.Explain(test.kind, test.side, said(t, reconcile.Platform, test.platform), said(t, reconcile.Office, test.office))
		if got != test.want {
			t.Errorf("%s %s\n got %q\nwant %q", test.kind, test.side, got, test.want)
		}
	}
	for _, kind := range reconcile.Kinds {
		if !seen[kind] {
			t.Errorf("no example of %s", kind)
		}
	}
	if got := w.Explain("no_such_kind", both, nil, nil); got != "" {
		t.Errorf("a kind that is none: %q", got)
	}
}

// Whatever stands in the records, a sentence is a sentence.
func TestEverySentenceIsWhole(t *testing.T) {
	t.Parallel()
	states := []string{"", "?", "registered", "processing", "supplement", "withdrawn", "returned", "returned, completed_at 12/06/2018, received_at 13/06/2018", strings.Repeat("dài ", 40)}
	w := reconcile.Wording{Zone: vietnam}
	for _, kind := range reconcile.Kinds {
		for _, side := range []reconcile.Side{"", reconcile.Platform, reconcile.Office} {
			for _, p := range states {
				for _, o := range states {
					got := w.Explain(kind, side, said(t, reconcile.Platform, p), said(t, reconcile.Office, o))
					if !isSentence(got) || strings.Contains(got, " .") || strings.Contains(got, "()") || len([]rune(got)) > 250 {
						t.Errorf("%s %s, platform %q, office %q: %q", kind, side, p, o, got)
					}
				}
			}
		}
	}
}
