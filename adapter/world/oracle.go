package world

import (
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// Question is what the oracle is asked about.
type Question struct {
	AsOf     time.Time
	From, To time.Time // first and last day of the period, both included
	Calendar Calendar
	Grace    time.Duration // working time; 8h if zero
	// Departments to list in the tables, those without a dossier too.
	Departments []string
}

// OfficeRecords is what one office holds. Every record of it belongs to its
// own Department, whatever the record itself says.
type OfficeRecords struct {
	Department string
	Records    []Record
}

// Decide applies the rules of RULES.md to everything at once, the slow
// and plain way: no history, no snapshots, no partial knowledge.
func Decide(q Question, platform []Record, offices []OfficeRecords) Truth {
	if q.Grace == 0 {
		q.Grace = 8 * time.Hour
	}
	t := Truth{
		AsOf:     q.AsOf.In(vietnam).Format(time.RFC3339),
		Period:   [2]string{q.From.In(vietnam).Format(time.DateOnly), q.To.In(vietnam).Format(time.DateOnly)},
		Reported: map[string]Four{}, Verified: map[string]Four{},
		Open: []Finding{}, Suspected: []Finding{},
	}
	for _, d := range q.Departments {
		t.Reported[d], t.Verified[d] = Four{}, Four{}
	}
	covered := map[string]bool{}
	for _, o := range offices {
		covered[o.Department] = true
	}
	for _, d := range gather(platform, offices) {
		d.decide(q, covered, &t)
	}
	sortFindings(t.Open)
	sortFindings(t.Suspected)
	return t
}

// dossier is one dossier with all that anybody holds of it.
type dossier struct {
	code     string
	platform holding
	offices  []holding
}

// holding is what one source holds under one dossier's codes.
type holding struct {
	department string
	records    []Record
}

// gather joins all records of a dossier: by code, or by an alias of either side.
func gather(platform []Record, offices []OfficeRecords) []*dossier {
	var list []*dossier
	byCode := map[string]*dossier{}
	find := func(r Record) *dossier {
		codes := append([]string{r.Code}, r.Aliases...)
		var d *dossier
		for _, code := range codes {
			if d == nil {
				d = byCode[Canonical(code)]
			}
		}
		if d == nil {
			d = &dossier{code: Canonical(r.Code)}
			list = append(list, d)
		}
		for _, code := range codes {
			byCode[Canonical(code)] = d
		}
		return d
	}
	for _, r := range platform {
		if Canonical(r.Code) == "" {
			continue
		}
		d := find(r)
		d.platform.department = r.Department
		d.platform.records = append(d.platform.records, r)
	}
	for _, o := range offices {
		for _, r := range o.Records {
			if Canonical(r.Code) == "" {
				continue
			}
			d := find(r)
			if n := len(d.offices); n == 0 || d.offices[n-1].department != o.Department {
				d.offices = append(d.offices, holding{department: o.Department})
			}
			last := &d.offices[len(d.offices)-1]
			last.records = append(last.records, r)
		}
	}
	return list
}

// one is the record a source's holding comes down to. doubled: the source holds
// the code several times with different content. unreadable: its row had to be
// rejected, so that nothing may be said.
func (h holding) one() (r *Record, doubled, unreadable bool) {
	for i := range h.records {
		next := &h.records[i]
		if next.Garbled != "" {
			unreadable = true
			continue
		}
		if r != nil && !sameContent(r, next) {
			doubled = true
		}
		if r == nil || next.UpdatedAt.Time.After(r.UpdatedAt.Time) {
			r = next
		}
	}
	return r, doubled, unreadable && r == nil
}

func sameContent(a, b *Record) bool {
	same := func(x, y reconcile.Moment) bool { return x.DateOnly == y.DateOnly && x.Time.Equal(y.Time) }
	return a.Status == b.Status && a.RawStatus == b.RawStatus && a.Department == b.Department &&
		same(a.ReceivedAt, b.ReceivedAt) && same(a.DueAt, b.DueAt) && same(a.ExtendedDueAt, b.ExtendedDueAt) &&
		same(a.CompletedAt, b.CompletedAt) && same(a.ReturnedAt, b.ReturnedAt)
}

// counterpart is the office whose record is compared: the department that the
// platform names, else the one updated last.
func (d *dossier) counterpart() holding {
	var best holding
	var newest time.Time
	for _, h := range d.offices {
		if len(d.platform.records) > 0 && h.department == d.platform.department {
			return h
		}
		for _, r := range h.records {
			if best.records == nil || r.UpdatedAt.Time.After(newest) {
				best, newest = h, r.UpdatedAt.Time
			}
		}
	}
	return best
}
