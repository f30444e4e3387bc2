package world

import (
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// harmless plantings look wrong and are not: nothing may be found of them.
var harmless = []planting{
	{"known under its old code", (*maker).aliasAlone},
	{"doubled with equal content", (*maker).doubledEqually},
	{"booked in two offices", (*maker).bookedTwice},
	{"pending on one side", (*maker).pendingOnOneSide},
	{"dropped and never handed on", (*maker).droppedBefore},
}

// received makes a dossier taken in at so much working time before as_of.
func (g *maker) received(d string, age time.Duration) Record {
	r := g.record(d, g.calendar.before(g.AsOf, age))
	r.Status = reconcile.Processing
	if r.UpdatedAt.Time.After(g.AsOf) {
		r.UpdatedAt = at(g.AsOf)
	}
	return r
}

func (g *maker) missingInOffice(d string, fresh bool) bool {
	p, kind := g.invent(d, g.drawStatusOf(reconcile.Processing, reconcile.Returned, reconcile.Supplement)), "missing_in_office"
	if fresh {
		age := g.freshAge()
		p, kind = g.received(d, age), aged(kind, age)
	}
	g.platform = append(g.platform, p)
	return g.expect("missing_in_office", p.Code, kind)
}

func (g *maker) missingOnPlatform(d string, fresh bool) bool {
	p, kind := g.invent(d, g.drawStatusOf(reconcile.Processing, reconcile.Returned, reconcile.Withdrawn)), "missing_on_platform"
	if fresh {
		age := g.freshAge()
		p, kind = g.received(d, age), aged(kind, age)
	}
	g.books[d] = append(g.books[d], g.mirror(p))
	return g.expect("missing_on_platform", p.Code, kind)
}

// otherDepartment books a dossier in an office that the platform does not name.
func (g *maker) otherDepartment(d string) bool {
	other := g.another(d)
	if other == "" {
		return false
	}
	p := g.invent(d, g.drawStatusOf(reconcile.Processing, reconcile.Returned))
	o := g.mirror(p)
	kinds := []string{"department_mismatch"}
	if p.Status == reconcile.Processing && g.chance(0.4) {
		o.Status = reconcile.Resolved
		g.endAt(&o, g.workingMinute(p.ReceivedAt.Time.Add(30*time.Minute), g.rest))
		kinds = append(kinds, "resolved_not_closed")
	}
	g.keep(p, o, other)
	return g.expect("department_mismatch", p.Code, kinds...)
}

// another draws a connected department other than d, or "".
func (g *maker) another(d string) string {
	for range 50 {
		if other := g.coveredList[g.random.IntN(len(g.coveredList))]; other != d {
			return other
		}
	}
	return ""
}

// doubledDifferently lets one side hold the code twice. The due dates agree, so
// that it does not matter whose counts.
func (g *maker) doubledDifferently(d string) bool {
	p := g.invent(d, reconcile.Returned)
	o := g.mirror(p)
	g.keep(p, o, d)
	second := o
	onPlatform := g.chance(0.3)
	if onPlatform {
		second = p
	}
	second.Status, second.CompletedAt, second.ReturnedAt = reconcile.Processing, reconcile.Moment{}, reconcile.Moment{}
	second.UpdatedAt = at(p.UpdatedAt.Time.Add(-time.Hour))
	if onPlatform {
		g.platform = append(g.platform, second)
	} else {
		g.books[d] = append(g.books[d], second)
	}
	return g.expect("duplicate_code", p.Code, "duplicate_code")
}

func (g *maker) unmappedStatus(d string) bool {
	p := g.invent(d, g.drawStatusOf(reconcile.Returned, reconcile.Processing))
	o := g.mirror(p)
	side, word := &o, "Chuyển thuế"
	if g.chance(0.3) {
		side, word = &p, "17"
	}
	side.Status, side.RawStatus = "", word
	g.keep(p, o, d)
	return g.expect("unmapped_status", p.Code, "unmapped_status")
}

// impossible records: done without an end, ended before reception, received or
// ended in a far future.
func (g *maker) impossible(d string) bool {
	p := g.invent(d, reconcile.Returned)
	o := g.mirror(p)
	future := time.Date(farFuture, 5, 6, 9, 30, 0, 0, vietnam)
	switch g.random.IntN(6) {
	case 0:
		o.CompletedAt, o.ReturnedAt = reconcile.Moment{}, reconcile.Moment{}
	case 1:
		o.CompletedAt = at(o.ReceivedAt.Time.AddDate(0, 0, -3))
	case 2:
		o.CompletedAt, o.ReturnedAt = at(future), at(future)
	case 3:
		o.ReceivedAt = at(future)
		o.Status, o.CompletedAt, o.ReturnedAt = reconcile.Processing, reconcile.Moment{}, reconcile.Moment{}
	case 4:
		p.CompletedAt, p.ReturnedAt = reconcile.Moment{}, reconcile.Moment{}
	case 5:
		p.CompletedAt = at(p.ReceivedAt.Time.AddDate(0, 0, -3))
	}
	g.keep(p, o, d)
	return g.expect("invalid_record", p.Code, "invalid_record")
}

// unreadable rows keep the dossier from being called missing, and say no more.
func (g *maker) unreadable(d string) bool {
	if !g.Rejected {
		return false
	}
	p := g.invent(d, reconcile.Returned)
	o := g.mirror(p)
	o.Garbled = []string{"31/02/2018 08:00:00", "hôm qua", "2018-13-01"}[g.random.IntN(3)]
	g.keep(p, o, d)
	if g.chance(0.3) {
		// A row without a code is no dossier's.
		blank := o
		blank.Code = ""
		g.books[d] = append(g.books[d], blank)
	}
	return g.expect("rejected rows", p.Code)
}

func (g *maker) aliasAlone(d string) bool {
	p := g.invent(d, g.drawStatus())
	o := g.mirror(p)
	o.Code = "OLD-" + p.Code[len("000.00.16."):]
	p.Aliases = []string{o.Code}
	g.keep(p, o, d)
	return g.expect("alias", p.Code)
}

func (g *maker) doubledEqually(d string) bool {
	p := g.invent(d, reconcile.Returned)
	o := g.mirror(p)
	g.keep(p, o, d)
	second := o
	onPlatform := g.chance(0.3)
	if onPlatform {
		second = p
	}
	// Exported twice: nothing differs but the time of the export.
	second.UpdatedAt = at(second.UpdatedAt.Time.Add(3 * time.Minute))
	if onPlatform {
		g.platform = append(g.platform, second)
	} else {
		g.books[d] = append(g.books[d], second)
	}
	return g.expect("equal duplicate", p.Code)
}

// bookedTwice: another office still holds a stale record; the named one counts.
func (g *maker) bookedTwice(d string) bool {
	other := g.another(d)
	p := g.invent(d, reconcile.Returned)
	o := g.mirror(p)
	g.keep(p, o, d)
	if other != "" {
		stale := o
		stale.Status, stale.CompletedAt, stale.ReturnedAt = reconcile.Processing, reconcile.Moment{}, reconcile.Moment{}
		stale.UpdatedAt = stale.ReceivedAt
		g.books[other] = append(g.books[other], stale)
	}
	return g.expect("booked in two offices", p.Code)
}

func (g *maker) pendingOnOneSide(d string) bool {
	p := g.invent(d, reconcile.Registered)
	if g.chance(0.5) {
		g.platform = append(g.platform, p)
	} else {
		g.books[d] = append(g.books[d], g.mirror(p))
	}
	return g.expect("pending on one side", p.Code)
}

func (g *maker) droppedBefore(d string) bool {
	p := g.invent(d, g.drawStatusOf(reconcile.Refused, reconcile.Withdrawn))
	g.platform = append(g.platform, p)
	return g.expect("dropped before the office", p.Code)
}
