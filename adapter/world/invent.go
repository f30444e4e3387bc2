package world

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// maker holds a world while it is being made.
type maker struct {
	Options
	random      *rand.Rand
	calendar    Calendar
	rest        time.Time // nothing but what is planted moves after it
	weights     []int
	covered     map[string]bool
	coveredList []string

	platform []Record
	books    map[string][]Record // by department
	daily    map[string]int      // running number of a day's dossiers
	planted  map[string]int
	expected map[string][]string // kinds by code; " (suspected)" behind those within the grace
}

// make invents the dossiers one by one, and hands some to a planting.
func (g *maker) make() {
	total := 0
	for _, w := range g.weights {
		total += w
	}
	// Every planting comes once at least, as far as there are dossiers for it.
	turn := 0
	for range g.Dossiers {
		d := g.Departments[g.pickWeighted(total)]
		if g.covered[d.Code] && g.random.Float64() < g.Mismatch {
			if plantings[turn%len(plantings)].sow(g, d.Code) {
				turn++
				continue
			}
			turn++
		}
		if g.covered[d.Code] && g.random.Float64() < 0.02 {
			harmless[g.random.IntN(len(harmless))].sow(g, d.Code)
			continue
		}
		g.plain(d.Code)
	}
}

func (g *maker) pickWeighted(total int) int {
	n := g.random.IntN(total)
	for i, w := range g.weights {
		if n -= w; n < 0 {
			return i
		}
	}
	return 0
}

// plain adds a dossier on which both sides agree, in the little ways in which
// two systems that agree still differ.
func (g *maker) plain(department string) {
	status := g.drawStatus()
	p := g.invent(department, status)
	if !g.covered[department] {
		g.platform = append(g.platform, p)
		return
	}
	o := g.mirror(p)
	switch {
	case status == reconcile.Returned && g.chance(0.2):
		o.Status, o.ReturnedAt = reconcile.Resolved, reconcile.Moment{}
	case status == reconcile.Processing && g.chance(0.2):
		o.Status = reconcile.Received
	case status == reconcile.Supplement && g.chance(0.2):
		o.Status = reconcile.Payment
	}
	// Written a little later here than there, the same day.
	if o.CompletedAt.Known() && g.chance(0.3) && o.CompletedAt.Time.Hour() < 16 {
		o.CompletedAt = at(o.CompletedAt.Time.Add(time.Duration(1+g.random.IntN(50)) * time.Minute))
		if o.ReturnedAt.Known() {
			o.ReturnedAt = at(o.CompletedAt.Time.Add(2 * time.Hour))
		}
	}
	if o.DueAt.Known() && g.chance(0.1) {
		o.DueAt = onDay(o.DueAt.Time)
	}
	g.keep(p, o, department)
}

func (g *maker) chance(p float64) bool { return g.random.Float64() < p }

// drawStatus draws from the mix of a quarter.
func (g *maker) drawStatus() reconcile.Status {
	n := g.random.IntN(200)
	for _, s := range []struct {
		upTo   int
		status reconcile.Status
	}{
		{100, reconcile.Returned}, {150, reconcile.Resolved}, {172, reconcile.Processing}, {178, reconcile.Received},
		{186, reconcile.Supplement}, {189, reconcile.Payment}, {192, reconcile.Withdrawn}, {194, reconcile.Stopped},
		{196, reconcile.Refused},
	} {
		if n < s.upTo {
			return s.status
		}
	}
	return reconcile.Registered
}

// invent makes the platform's record of a new dossier, at rest since g.rest.
func (g *maker) invent(department string, status reconcile.Status) Record {
	from := g.From
	if g.chance(0.03) {
		from = from.AddDate(0, 0, -20) // carried over from the period before
	}
	last := g.rest.Add(-4 * 24 * time.Hour)
	if end := g.To.Add(16 * time.Hour); end.Before(last) {
		last = end
	}
	if last.Before(from.Add(24 * time.Hour)) {
		last = from.Add(24 * time.Hour)
	}
	received := g.workingMinute(from, last)
	r := g.record(department, received)
	r.Status = status
	r.UpdatedAt = at(earlier(received.Add(30*time.Minute), g.rest))
	if r.ended() {
		end := g.workingMinute(received.Add(30*time.Minute), earlier(r.DueAt.Time.Add(time.Hour), g.rest))
		if g.chance(0.15) {
			end = g.workingMinute(earlier(r.DueAt.Time, g.rest.Add(-time.Hour)), g.rest)
		}
		g.endAt(&r, end)
	}
	return r
}

// record is a dossier's record before it has a status: code, procedure,
// reception and due date.
func (g *maker) record(department string, received time.Time) Record {
	r := Record{
		Code: g.code(received), Field: department, Department: department,
		Procedure:  fmt.Sprintf("%d.%06d", 1+g.random.IntN(2), 655+g.random.IntN(40)*171),
		Channel:    []string{"1", "1", "1", "2", "3"}[g.random.IntN(5)],
		ReceivedAt: at(received), UpdatedAt: at(received.Add(5 * time.Minute)),
		DueAt: at(g.calendar.workdaysLater(received, 3+g.random.IntN(18))),
	}
	if g.PersonData {
		r.Note = fmt.Sprintf("Nguyễn Thị Thử Nghiệm %06d", g.random.IntN(1_000_000))
	}
	return r
}

// endAt completes a record; a returned one is handed out two hours later.
func (g *maker) endAt(r *Record, end time.Time) {
	r.CompletedAt, r.ReturnedAt = at(end), reconcile.Moment{}
	r.UpdatedAt = at(end.Add(5 * time.Minute))
	if r.Status == reconcile.Returned {
		handed := end.Add(2 * time.Hour)
		if handed.After(g.AsOf) {
			handed = end
		}
		r.ReturnedAt, r.UpdatedAt = at(handed), at(handed.Add(5*time.Minute))
	}
	if r.UpdatedAt.Time.After(g.AsOf) {
		r.UpdatedAt = at(g.AsOf)
	}
}

// code gives the next code of the day.
func (g *maker) code(received time.Time) string {
	day := received.In(vietnam).Format("060102")
	g.daily[day]++
	return fmt.Sprintf("000.00.16.H57-%s-%04d", day, g.daily[day])
}

// mirror is the office's record of the same dossier.
func (g *maker) mirror(p Record) Record {
	o := p
	o.Field, o.Department, o.Channel = "", "", ""
	return o
}

// keep stores both sides' records.
func (g *maker) keep(p, o Record, office string) {
	g.platform = append(g.platform, p)
	g.books[office] = append(g.books[office], o)
}

// workingMinute draws a minute of working time from a until b; where there is
// none, the first after a, or a itself.
func (g *maker) workingMinute(a, b time.Time) time.Time {
	minutes := int(b.Sub(a) / time.Minute)
	for range 50 {
		if minutes < 1 {
			break
		}
		t := a.Truncate(time.Minute).Add(time.Duration(1+g.random.IntN(minutes)) * time.Minute)
		if g.calendar.isOpen(t) {
			return t
		}
	}
	return a.Truncate(time.Minute)
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
