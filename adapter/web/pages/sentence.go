package pages

import (
	"cmp"
	"time"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/reconcile"
)

// sentence says in words what two records disagree about. The arguments of the
// phrases why.KIND are, in this order: the platform's status, the office's; the
// platform's end, the office's; the platform's due date, the office's; the
// platform's department, the office's; the status as its source writes it; that
// source.
func (v *view) sentence(zone *time.Location, kind reconcile.Kind, at reconcile.Side, platform, office *web.Record) string {
	none := web.Record{}
	p, o := cmp.Or(platform, &none), cmp.Or(office, &none)
	status := func(r *web.Record) string {
		if r.Status == "" {
			return cmp.Or(r.RawStatus, v.say("status.unmapped"))
		}
		return v.label("status", string(r.Status))
	}
	when := func(text string) string { return cmp.Or(moment(text, zone), v.say("why.no_date")) }
	end := func(r *web.Record) string { return when(cmp.Or(r.CompletedAt, r.ReturnedAt)) }
	due := func(r *web.Record) string { return when(cmp.Or(r.ExtendedDueAt, r.DueAt)) }
	said := p
	if at == reconcile.Office || platform == nil {
		said = o
	}
	key := "why." + string(kind)
	switch kind {
	case reconcile.DuplicateCode, reconcile.InvalidRecord, reconcile.Reopened, reconcile.BackdatedClose:
		key += "." + string(cmp.Or(at, reconcile.Platform))
	}
	return v.say(key, status(p), status(o), end(p), end(o), due(p), due(o), v.NameOf(p.Department), v.NameOf(o.Department), said.RawStatus, said.Source)
}

// task is what the department is asked to do, as one sentence.
func (v *view) task(kind reconcile.Kind, at reconcile.Side, office *reconcile.Record) string {
	if v.Language == vi {
		return reconcile.Task(kind, at, office)
	}
	key := "task." + string(kind)
	switch kind {
	case reconcile.DueDateMismatch, reconcile.DuplicateCode, reconcile.InvalidRecord:
		key += "." + string(reconcile.CorrectionOf(kind, at, office))
	}
	return v.say(key)
}
