package list

import (
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/doisoat/doisoat/reconcile"
)

// The ways of writing a moment for people, and for cells (Excel's own letters).
const (
	dayWords    = "02/01/2006"
	momentWords = "02/01/2006 15:04"
	dayCells    = "dd/mm/yyyy"
	momentCells = "dd/mm/yyyy hh:mm"
)

// words writes what the cells say, in one zone.
type words struct{ zone *time.Location }

func (w words) time(t time.Time) string { return t.In(w.zone).Format(momentWords) }

// moment writes a moment with as much of it as is known.
func (w words) moment(m reconcile.Moment) string {
	if m.DateOnly {
		return m.Time.In(w.zone).Format(dayWords)
	}
	return w.time(m.Time)
}

// status is how a dossier stands on one side, with what the discrepancy is about.
func (w words) status(item *Item, side reconcile.Side) string {
	rec := item.Platform
	if side == reconcile.Office {
		rec = item.Office
	}
	switch {
	case rec == nil:
		return absent(item, side)
	case rec.Unreadable:
		return "Có hồ sơ, nhưng dữ liệu không đọc được"
	}
	var more []string
	label, known := reconcile.StatusLabels[rec.Status]
	switch {
	case !known && rec.RawStatus != "":
		label = "Chưa rõ: “" + rec.RawStatus + "”"
	case !known:
		label = "Chưa ghi trạng thái"
	case rec.RawStatus != "" && !alike(rec.RawStatus, label):
		more = append(more, rec.RawStatus)
	}
	if end := rec.End(); end.Known() {
		more = append(more, "kết thúc "+w.moment(end))
	} else if rec.Group.Ended() {
		more = append(more, "không ghi ngày kết thúc")
	}
	more = append(more, w.about(item, rec, side)...)
	if len(more) == 0 {
		return label
	}
	return label + " (" + strings.Join(more, "; ") + ")"
}

// absent says that a side has no record; a dash where that is not the matter.
func absent(item *Item, side reconcile.Side) string {
	switch {
	case item.Kind == reconcile.MissingInOffice && side == reconcile.Office,
		item.Kind == reconcile.MissingOnPlatform && side == reconcile.Platform:
		return "Không có"
	case item.Kind == reconcile.DuplicateCode && item.Side == side:
		return "Nhiều bản ghi khác nội dung"
	}
	return "—"
}

// about adds what this kind of discrepancy turns on and no other column shows.
func (w words) about(item *Item, rec *reconcile.Record, side reconcile.Side) (more []string) {
	add := func(label string, m reconcile.Moment) {
		if m.Known() {
			more = append(more, label+" "+w.moment(m))
		}
	}
	concerned := item.Side == side
	switch item.Kind {
	case reconcile.DueDateMismatch:
		if rec.ExtendedDueAt.Known() {
			add("gia hạn đến", rec.ExtendedDueAt)
		} else {
			add("hẹn trả", rec.DueAt)
		}
	case reconcile.DepartmentMismatch:
		if rec.Department != "" {
			more = append(more, "phòng: "+rec.Department)
		}
	case reconcile.InvalidRecord:
		if concerned {
			add("tiếp nhận", rec.ReceivedAt)
			more = append(more, "ngày tháng không hợp lệ")
		}
	case reconcile.DuplicateCode:
		if concerned {
			more = append(more, "có nhiều bản ghi khác nội dung")
		}
	case reconcile.Reopened:
		if concerned {
			more = append(more, "đã kết thúc rồi mở lại")
		}
	case reconcile.BackdatedClose:
		if concerned {
			more = append(more, "đóng lùi ngày")
		}
	}
	return more
}

// alike reports whether a source's own word is the label, but for the way it is
// written.
func alike(a, b string) bool {
	return strings.EqualFold(norm.NFC.String(strings.Join(strings.Fields(a), " ")), b)
}

// task is what the department is asked to do.
func (w words) task(item *Item) string {
	text := reconcile.Task(item.Kind, item.Side, item.Office)
	if !item.NotVerifiedSince.IsZero() {
		text += " (chưa kiểm tra lại từ " + w.time(item.NotVerifiedSince) + ")"
	}
	if item.SetBy != "" && item.Note != "" {
		text += " Đã có ý kiến của " + item.SetBy + "."
	}
	return strings.TrimSpace(text)
}

func kindWords(k reconcile.Kind) string {
	if label, ok := reconcile.KindLabels[k]; ok {
		return label
	}
	return string(k)
}

func effectWords(e reconcile.Effect) string {
	if label, ok := reconcile.EffectLabels[e]; ok {
		return label
	}
	return reconcile.EffectLabels[reconcile.EffectNone]
}

// received and due are told by the platform, which sets them; by the office where
// the platform does not.
func (i *Item) received() reconcile.Moment {
	return firstKnown(i, func(r *reconcile.Record) reconcile.Moment { return r.ReceivedAt })
}

func (i *Item) due() reconcile.Moment {
	return firstKnown(i, (*reconcile.Record).EffectiveDue)
}

func firstKnown(i *Item, of func(*reconcile.Record) reconcile.Moment) reconcile.Moment {
	for _, rec := range [...]*reconcile.Record{i.Platform, i.Office} {
		if rec != nil {
			if m := of(rec); m.Known() {
				return m
			}
		}
	}
	return reconcile.Moment{}
}
