package pages

import (
	"cmp"
	"strings"
	"time"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/reconcile"
)

// sentence says in words what two records disagree about. The phrases why.KIND hold
// the names below in braces; what a source sent is put in once, and never read as one.
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
	return strings.NewReplacer(
		"{p.status}", status(p), "{o.status}", status(o), "{p.end}", end(p), "{o.end}", end(o), "{p.due}", due(p), "{o.due}", due(o),
		"{p.department}", v.NameOf(p.Department), "{o.department}", v.NameOf(o.Department), "{value}", said.RawStatus, "{source}", said.Source,
	).Replace(v.say(key))
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
