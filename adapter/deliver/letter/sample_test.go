package letter

import (
	"archive/zip"
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

func zone(t testing.TB) *time.Location {
	t.Helper()
	z, err := time.LoadLocation("Asia/Ho_Chi_Minh")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// sample is a letter with something of everything.
func sample(t testing.TB) *Letter {
	z := zone(t)
	at := func(month, day, hour int) time.Time {
		return time.Date(2018, time.Month(month), day, hour, 30, 0, 0, z)
	}
	moment := func(month, day, hour int) reconcile.Moment { return reconcile.Moment{Time: at(month, day, hour)} }
	done := &reconcile.Record{Side: reconcile.Office, Status: reconcile.Resolved, Group: reconcile.Done, CompletedAt: moment(6, 12, 10)}
	open := &reconcile.Record{Side: reconcile.Platform, Status: reconcile.Processing, Group: reconcile.Open}
	return &Letter{
		Parent: "UBND thị xã Hương Trà", Centre: "Trung tâm Hành chính công", Place: "Hương Trà",
		Number: "12/PĐĐ-TTHCC", Times: 2, Day: at(7, 2, 0), AsOf: at(7, 2, 8), AnswerBy: at(7, 5, 16),
		To: "Chi nhánh Văn phòng đăng ký đất đai", Signer: Signer{"Giám đốc", "Nguyễn Thị Thử"},
		Period: "Quý II năm 2018", Zone: z,
		Items: []Item{
			{Code: "000.00.16.H57-180502-0001", Procedure: "1.000948", ReceivedAt: moment(5, 2, 8), DueAt: moment(6, 15, 17),
				Kind: reconcile.ResolvedNotClosed, Effect: reconcile.FalseOverdue, Since: at(6, 12, 10), Times: 2, Office: done, Platform: open},
			{Code: "000.00.16.H57-180503-0007", Procedure: "Cấp giấy chứng nhận quyền sử dụng đất & nhà ở <lần đầu>", ReceivedAt: moment(5, 3, 9), DueAt: moment(6, 20, 17),
				Kind: reconcile.ClosedInProgress, Effect: reconcile.HiddenOverdue, Since: at(6, 19, 9), Times: 1,
				Platform: &reconcile.Record{Side: reconcile.Platform, Status: reconcile.Returned, Group: reconcile.Done, ReturnedAt: moment(6, 19, 9)},
				Office:   &reconcile.Record{Side: reconcile.Office, Status: reconcile.Processing, Group: reconcile.Open}},
			{Code: "000.00.16.H57-180510-0003", Procedure: "1.002273", ReceivedAt: reconcile.Moment{Time: at(5, 10, 0), DateOnly: true}, DueAt: reconcile.Moment{Time: at(7, 20, 0), DateOnly: true},
				Kind: reconcile.DueDateMismatch, Since: at(6, 1, 8), Times: 1},
		},
	}
}

// long is a letter of many items.
func long(t testing.TB, count int) *Letter {
	l := sample(t)
	items := l.Items
	l.Items = nil
	for i := range count {
		item := items[i%len(items)]
		item.Code = fmt.Sprintf("000.00.16.H57-1805%02d-%04d", i%28+1, i)
		l.Items = append(l.Items, item)
	}
	return l
}

// repacked makes a document of parts, as another program would.
func repacked(t testing.TB, parts map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, data := range parts {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write(data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
