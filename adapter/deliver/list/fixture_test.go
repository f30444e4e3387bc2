package list

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

var (
	zone   = time.FixedZone("+07", 7*3600)
	madeAt = time.Date(2018, time.July, 2, 6, 30, 0, 0, zone)
)

func at(day, hour, minute int) time.Time {
	return time.Date(2018, time.June, day, hour, minute, 0, 0, zone)
}

func moment(day, hour, minute int) reconcile.Moment {
	return reconcile.Moment{Time: at(day, hour, minute)}
}

func day(d int) reconcile.Moment {
	return reconcile.Moment{Time: at(d, 0, 0), DateOnly: true}
}

// theList is a list of these items as the land office would get it.
func theList(items ...Item) *List {
	return &List{
		Department: "VPDKDD", DepartmentName: "Chi nhánh Văn phòng Đăng ký đất đai",
		Organisation: "ỦY BAN NHÂN DÂN THỊ XÃ HƯƠNG TRÀ", Centre: "Trung tâm Hành chính công",
		MadeAt: madeAt, AsOf: madeAt.Add(-30 * time.Minute), Zone: zone,
		AnswerBy: time.Date(2018, time.July, 4, 17, 0, 0, 0, zone),
		Sources: []Freshness{
			{Name: "Hệ thống xử lý dịch vụ công của tỉnh", Side: reconcile.Platform, ReadAt: madeAt.Add(-time.Hour)},
			{Name: "Sổ theo dõi đất đai (ViLIS)", Side: reconcile.Office, ReadAt: madeAt.Add(-50 * time.Hour), Stale: true, Reason: "không kết nối được"},
		},
		Items: func(yield func(*Item) error) error {
			for i := range items {
				if err := yield(&items[i]); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func code(n int) string { return fmt.Sprintf("000.00.16.H57-180601-%04d", n) }

// resolved is a dossier that the office ended and the platform did not.
func resolved(n int) Item {
	c := code(n)
	return Item{
		ID: reconcile.DiscrepancyID(reconcile.ResolvedNotClosed, c, ""), Values: fmt.Sprintf("v%d", n), Code: c,
		Procedure: "1.000948", Kind: reconcile.ResolvedNotClosed, Effect: reconcile.FalseOverdue, State: reconcile.StateOpen,
		Platform: &reconcile.Record{
			Side: reconcile.Platform, Code: c, Status: reconcile.Processing, Group: reconcile.Open, RawStatus: "processing",
			ReceivedAt: moment(1, 8, 15), DueAt: day(20),
		},
		Office: &reconcile.Record{
			Side: reconcile.Office, Code: c, Status: reconcile.Resolved, Group: reconcile.Done, RawStatus: "Đã xử lý xong",
			ReceivedAt: moment(1, 8, 20), DueAt: day(20), CompletedAt: day(12),
		},
		Since: at(12, 17, 0), Times: 1,
	}
}

// missing is a dossier that the office's book lacks.
func missing(n int) Item {
	item := resolved(n)
	item.Kind, item.Office, item.Effect = reconcile.MissingInOffice, nil, reconcile.EffectNone
	item.ID = reconcile.DiscrepancyID(item.Kind, item.Code, "")
	return item
}

// backdated is a dossier whose end lies before it was last seen live.
func backdated(n int) Item {
	item := resolved(n)
	item.Kind, item.Side, item.Effect = reconcile.BackdatedClose, reconcile.Platform, reconcile.HiddenOverdue
	item.ID = reconcile.DiscrepancyID(item.Kind, item.Code, item.Side)
	return item
}

func written(t testing.TB, l *List) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, l); err != nil {
		t.Fatalf("Write: %v", err)
	}
	return out.Bytes()
}
