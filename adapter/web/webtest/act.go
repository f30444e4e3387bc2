package webtest

import (
	"context"
	"fmt"
	"time"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/reconcile"
)

// Acknowledge implements web.ActBackend.
func (b *Backend) Acknowledge(_ context.Context, who *access.Principal, ids []string, note string) ([]web.Discrepancy, error) {
	return b.act("Acknowledge", who, ids, func(it *item) *web.Refused {
		if it.State != reconcile.StateOpen && it.State != reconcile.StateAcknowledged {
			return refused(it, "chỉ ghi ý kiến cho hồ sơ đang cần xử lý", "only what is open can be acknowledged")
		}
		it.set(reconcile.StateAcknowledged, who.Name, note, b.now)
		return nil
	})
}

// Waive implements web.ActBackend.
func (b *Backend) Waive(_ context.Context, who *access.Principal, ids []string, until, reason string) ([]web.Discrepancy, error) {
	day, err := time.ParseInLocation(time.DateOnly, until, Vietnam)
	if err != nil {
		return nil, err
	}
	if day.Before(b.now) {
		return nil, web.Refuse("Ngày đã qua: "+until, "the day is past: "+until)
	}
	return b.act("Waive", who, ids, func(it *item) *web.Refused {
		if it.State == reconcile.StateResolved || it.State == reconcile.StateSuspected {
			return refused(it, "không tạm dừng nhắc được", "it cannot be waived")
		}
		it.set(reconcile.StateWaived, who.Name, reason, b.now)
		it.WaivedUntil = day.AddDate(0, 0, 1) // its last day included
		return nil
	})
}

// TakeBack implements web.ActBackend.
func (b *Backend) TakeBack(_ context.Context, who *access.Principal, ids []string, reason string) ([]web.Discrepancy, error) {
	return b.act("TakeBack", who, ids, func(it *item) *web.Refused {
		if it.State != reconcile.StateAcknowledged && it.State != reconcile.StateWaived {
			return refused(it, "không có gì để thu hồi", "nothing is set on it")
		}
		it.set(reconcile.StateOpen, who.Name, reason, b.now)
		it.SetBy, it.Note, it.WaivedUntil = "", "", time.Time{}
		return nil
	})
}

func refused(it *item, vi, en string) *web.Refused {
	return web.Refuse(it.Code+": "+vi+" ("+reconcile.StateLabels[it.State]+")", fmt.Sprintf("%s: %s (%s)", it.Code, en, it.State))
}

// act sets all or none.
func (b *Backend) act(method string, who *access.Principal, ids []string, set func(*item) *web.Refused) ([]web.Discrepancy, error) {
	unlock, err := b.begin(method)
	defer unlock()
	if err != nil {
		return nil, err
	}
	found, err := b.found(who.Scope(), ids)
	if err != nil {
		return nil, err
	}
	var reasons web.Refused
	var before []item
	for _, it := range found {
		before = append(before, *it)
		if no := set(it); no != nil {
			reasons.Vi, reasons.En = append(reasons.Vi, no.Vi...), append(reasons.En, no.En...)
		}
	}
	if len(reasons.En) > 0 {
		for i, it := range found {
			*it = before[i]
		}
		return nil, &reasons
	}
	b.revision++
	list := []web.Discrepancy{}
	for _, it := range found {
		list = append(list, b.shown(it))
	}
	return list, nil
}
