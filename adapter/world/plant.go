package world

import (
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// planting puts one kind of disagreement into the world. sow reports false
// where this world has no place for it, and has then added nothing.
type planting struct {
	name string
	sow  func(g *maker, department string) bool
}

// plantings make discrepancies; each stands in turn. The status kinds, which
// are the most frequent in real life, stand here several times over.
var plantings = []planting{
	{"resolved, not closed", func(g *maker, d string) bool { return g.resolvedNotClosed(d, false) }},
	{"closed, in progress", func(g *maker, d string) bool { return g.closedInProgress(d, false) }},
	{"completed on another day", (*maker).completedOtherDay},
	{"missing in the office", func(g *maker, d string) bool { return g.missingInOffice(d, false) }},
	{"extension known to the office alone", (*maker).extendedInOffice},
	{"resolved, not closed", func(g *maker, d string) bool { return g.resolvedNotClosed(d, false) }},
	{"missing on the platform", func(g *maker, d string) bool { return g.missingOnPlatform(d, false) }},
	{"due date drifted", (*maker).dueDrifted},
	{"other outcome", (*maker).otherOutcome},
	{"paused on one side", (*maker).pausedOnOneSide},
	{"closed, in progress", func(g *maker, d string) bool { return g.closedInProgress(d, false) }},
	{"other department", (*maker).otherDepartment},
	{"doubled with different content", (*maker).doubledDifferently},
	{"status nobody mapped", (*maker).unmappedStatus},
	{"impossible record", (*maker).impossible},
	{"resolved just now", func(g *maker, d string) bool { return g.resolvedNotClosed(d, true) }},
	{"closed just now", func(g *maker, d string) bool { return g.closedInProgress(d, true) }},
	{"received just now, office behind", func(g *maker, d string) bool { return g.missingInOffice(d, true) }},
	{"received just now, platform behind", func(g *maker, d string) bool { return g.missingOnPlatform(d, true) }},
	{"completed on another day, under its old code", (*maker).completedUnderOldCode},
	{"extension known to the platform alone", (*maker).extendedOnPlatform},
	{"row that cannot be read", (*maker).unreadable},
}

// expect notes what has to be found of a dossier.
func (g *maker) expect(name, code string, kinds ...string) bool {
	g.planted[name]++
	if len(kinds) > 0 {
		g.expected[Canonical(code)] = kinds
	}
	return true
}

// aged marks a kind by its age: working time since then of eight hours or more
// is open, one minute less is still suspected.
func aged(kind string, worked time.Duration) string {
	if worked < 8*time.Hour {
		return kind + " (suspected)"
	}
	return kind
}

// freshAge draws working time around the grace period's end, its exact edges
// among them.
func (g *maker) freshAge() time.Duration {
	edges := []time.Duration{8 * time.Hour, 8*time.Hour - time.Minute, time.Minute}
	if g.chance(0.5) {
		return edges[g.random.IntN(len(edges))]
	}
	return time.Duration(1+g.random.IntN(599)) * time.Minute
}

// live draws a status of a dossier being worked on.
func (g *maker) live() reconcile.Status {
	return []reconcile.Status{reconcile.Processing, reconcile.Processing, reconcile.Received, reconcile.Supplement}[g.random.IntN(4)]
}

// finished draws a status of an ended dossier, mostly of a resolved one.
func (g *maker) finished() reconcile.Status {
	return []reconcile.Status{reconcile.Resolved, reconcile.Returned, reconcile.Resolved, reconcile.Returned, reconcile.Withdrawn}[g.random.IntN(5)]
}

func (g *maker) resolvedNotClosed(d string, fresh bool) bool {
	p := g.invent(d, g.live())
	o := g.mirror(p)
	g.finish(&o, fresh)
	g.keep(p, o, d)
	return g.expect("resolved_not_closed", p.Code, aged("resolved_not_closed", g.calendar.between(o.end().Time, g.AsOf)))
}

func (g *maker) closedInProgress(d string, fresh bool) bool {
	p := g.invent(d, g.live())
	o := g.mirror(p)
	g.finish(&p, fresh)
	g.keep(p, o, d)
	return g.expect("closed_in_progress", p.Code, aged("closed_in_progress", g.calendar.between(p.end().Time, g.AsOf)))
}

// finish ends a live record: at rest, or around the end of the grace period.
func (g *maker) finish(r *Record, fresh bool) {
	r.Status = g.finished()
	end := g.workingMinute(r.ReceivedAt.Time.Add(30*time.Minute), g.rest)
	if fresh {
		end = g.calendar.before(g.AsOf, g.freshAge())
	}
	g.endAt(r, end)
	if r.Status == reconcile.Returned && g.chance(0.2) {
		// Some systems keep only the day of the return: it is the end then.
		r.CompletedAt, r.ReturnedAt = reconcile.Moment{}, r.CompletedAt
	}
}

func (g *maker) completedOtherDay(d string) bool {
	p := g.invent(d, reconcile.Resolved)
	o := g.mirror(p)
	if !g.moveEnd(&o) {
		return false
	}
	g.keep(p, o, d)
	return g.expect("completion_date_mismatch", p.Code, "completion_date_mismatch")
}

// moveEnd lets an ended record end on another day, within the time at rest.
func (g *maker) moveEnd(r *Record) bool {
	for range 20 {
		end := g.workingMinute(r.ReceivedAt.Time.Add(30*time.Minute), g.rest)
		if !sameDay(at(end), r.CompletedAt) {
			g.endAt(r, end)
			return true
		}
	}
	return false
}

func (g *maker) completedUnderOldCode(d string) bool {
	p := g.invent(d, reconcile.Returned)
	o := g.mirror(p)
	if !g.moveEnd(&o) {
		return false
	}
	o.Code = "OLD-" + p.Code[len("000.00.16."):]
	p.Aliases = []string{o.Code}
	g.keep(p, o, d)
	return g.expect("completion_date_mismatch (alias)", p.Code, "completion_date_mismatch")
}

func (g *maker) extendedInOffice(d string) bool {
	p := g.invent(d, g.drawStatusOf(reconcile.Returned, reconcile.Processing))
	o := g.mirror(p)
	o.ExtendedDueAt = at(g.calendar.workdaysLater(p.DueAt.Time, 1+g.random.IntN(15)))
	if g.chance(0.3) {
		o.ExtendedDueAt = onDay(o.ExtendedDueAt.Time)
	}
	g.keep(p, o, d)
	return g.expect("due_date_mismatch (office's extension)", p.Code, "due_date_mismatch")
}

func (g *maker) extendedOnPlatform(d string) bool {
	p := g.invent(d, g.drawStatusOf(reconcile.Returned, reconcile.Processing))
	o := g.mirror(p)
	p.ExtendedDueAt = at(g.calendar.workdaysLater(p.DueAt.Time, 1+g.random.IntN(15)))
	g.keep(p, o, d)
	return g.expect("due_date_mismatch (platform's extension)", p.Code, "due_date_mismatch")
}

func (g *maker) dueDrifted(d string) bool {
	p := g.invent(d, g.drawStatusOf(reconcile.Resolved, reconcile.Processing))
	o := g.mirror(p)
	o.DueAt = at(g.calendar.workdaysLater(p.DueAt.Time, 1+g.random.IntN(8)))
	kinds := []string{"due_date_mismatch"}
	if p.Status == reconcile.Resolved && g.chance(0.3) && g.moveEnd(&o) {
		kinds = append(kinds, "completion_date_mismatch")
	}
	g.keep(p, o, d)
	return g.expect("due_date_mismatch (drifted)", p.Code, kinds...)
}

func (g *maker) drawStatusOf(list ...reconcile.Status) reconcile.Status {
	return list[g.random.IntN(len(list))]
}

func (g *maker) otherOutcome(d string) bool {
	p := g.invent(d, reconcile.Returned)
	o := g.mirror(p)
	o.Status, o.ReturnedAt = g.drawStatusOf(reconcile.Withdrawn, reconcile.Stopped, reconcile.Refused), reconcile.Moment{}
	kind := "outcome_mismatch"
	switch {
	case g.chance(0.3):
		p.Status, o.Status = o.Status, p.Status
	case g.chance(0.3):
		age := g.freshAge()
		o.UpdatedAt = at(g.calendar.before(g.AsOf, age))
		kind = aged(kind, age)
	}
	g.keep(p, o, d)
	return g.expect("outcome_mismatch", p.Code, kind)
}

func (g *maker) pausedOnOneSide(d string) bool {
	p := g.invent(d, reconcile.Processing)
	o := g.mirror(p)
	o.Status = g.drawStatusOf(reconcile.Supplement, reconcile.Payment)
	kind := "pause_mismatch"
	if g.chance(0.3) {
		age := g.freshAge()
		o.UpdatedAt = at(g.calendar.before(g.AsOf, age))
		kind = aged(kind, age)
	}
	if g.chance(0.4) {
		p.Status, o.Status = o.Status, p.Status
	}
	g.keep(p, o, d)
	return g.expect("pause_mismatch", p.Code, kind)
}
