package reconcile

import (
	"slices"
	"strings"
	"time"
)

// Dossier is everything known of one dossier: all rows all sources hold under
// its code or an alias of it, and what they held before.
type Dossier struct {
	Platform []Record
	Offices  []Record
	// Looks tells which sources were asked for this dossier alone just now, and
	// when; nil as a rule.
	Looks map[string]time.Time
	// History holds superseded versions of these rows, oldest first, of any source.
	History []Version
}

// Pair is the two records that stand against each other, after rows that say
// the same were taken as one.
type Pair struct {
	Platform, Office *Record // nil where the side holds none
	// Doubled names the sources that hold the code twice with different
	// content, with the row updated last for reference.
	Doubled []*Record
	// OtherOffices are further offices that hold the code but are not the pair.
	OtherOffices []*Record
	// Unreadable: a side holds the dossier, but its row could not be read.
	UnreadablePlatform, UnreadableOffice bool

	// Looks is the dossier's.
	Looks map[string]time.Time

	// DoubledRows are all rows of the sources in Doubled.
	DoubledRows []Record
}

// unreadable: nothing may be concluded, not even from another office's row.
func (p *Pair) unreadable() bool { return p.UnreadablePlatform || p.UnreadableOffice }

// Match pairs a dossier's records (RULES.md §2).
func Match(d *Dossier) Pair {
	p := Pair{Looks: d.Looks}
	var doubled bool
	p.Platform, doubled, p.UnreadablePlatform = oneOf(d.Platform)
	if doubled {
		p.Doubled = append(p.Doubled, p.Platform)
		p.DoubledRows = append(p.DoubledRows, d.Platform...)
	}
	if len(d.Offices) == 1 { // nearly always
		p.Office, _, p.UnreadableOffice = oneOf(d.Offices)
		return p
	}
	rows := d.Offices
	bySource := func(a, b Record) int { return strings.Compare(a.Source, b.Source) }
	if !slices.IsSortedFunc(rows, bySource) {
		rows = slices.SortedStableFunc(slices.Values(rows), bySource)
	}
	var held []*Record
	for i := 0; i < len(rows); {
		j := i + 1
		for j < len(rows) && rows[j].Source == rows[i].Source {
			j++
		}
		rec, doubled, unreadable := oneOf(rows[i:j])
		p.UnreadableOffice = p.UnreadableOffice || unreadable
		if doubled {
			p.Doubled = append(p.Doubled, rec)
			p.DoubledRows = append(p.DoubledRows, rows[i:j]...)
		}
		if rec != nil {
			held = append(held, rec)
		}
		i = j
	}
	p.Office = chooseOffice(held, p.Platform)
	for _, rec := range held {
		if rec != p.Office {
			p.OtherOffices = append(p.OtherOffices, rec)
		}
	}
	return p
}

// oneOf reduces the rows of one source to the one updated last. doubled says
// that they differ in content. Unreadable rows count only where there is no
// other.
func oneOf(rows []Record) (rec *Record, doubled, unreadable bool) {
	for i := range rows {
		row := &rows[i]
		switch {
		case row.Unreadable:
			unreadable = true
		case rec == nil:
			rec = row
		default:
			doubled = doubled || !sameContent(rec, row)
			if updatedLater(row, rec) {
				rec = row
			}
		}
	}
	return rec, doubled, unreadable && rec == nil
}

// sameContent compares what RULES.md §2 names: two rows equal in this are
// one dossier written down twice.
func sameContent(a, b *Record) bool {
	return a.Status == b.Status && (a.Status != "" || a.RawStatus == b.RawStatus) &&
		a.Department == b.Department &&
		sameMoment(a.ReceivedAt, b.ReceivedAt) && sameMoment(a.DueAt, b.DueAt) &&
		sameMoment(a.ExtendedDueAt, b.ExtendedDueAt) &&
		sameMoment(a.CompletedAt, b.CompletedAt) && sameMoment(a.ReturnedAt, b.ReturnedAt)
}

func sameMoment(a, b Moment) bool {
	return a.DateOnly == b.DateOnly && a.Time.Equal(b.Time)
}

// updatedLater orders rows by updated_at; where that ties, by content, so that
// the order in which rows arrive never matters.
func updatedLater(a, b *Record) bool {
	if c := a.UpdatedAt.Time.Compare(b.UpdatedAt.Time); c != 0 {
		return c > 0
	}
	for _, pair := range [...][2]string{
		{a.Code, b.Code}, {a.Source, b.Source}, {a.Department, b.Department},
		{string(a.Status), string(b.Status)}, {a.RawStatus, b.RawStatus}, {a.Procedure, b.Procedure},
	} {
		if pair[0] != pair[1] {
			return pair[0] > pair[1]
		}
	}
	for _, pair := range [...][2]Moment{
		{a.CompletedAt, b.CompletedAt}, {a.ReturnedAt, b.ReturnedAt}, {a.DueAt, b.DueAt},
		{a.ExtendedDueAt, b.ExtendedDueAt}, {a.ReceivedAt, b.ReceivedAt},
	} {
		if c := pair[0].Time.Compare(pair[1].Time); c != 0 {
			return c > 0
		}
		if pair[0].DateOnly != pair[1].DateOnly {
			return pair[0].DateOnly
		}
	}
	if c := a.FirstReadAt.Compare(b.FirstReadAt); c != 0 {
		return c > 0
	}
	if c := a.ReadAt.Compare(b.ReadAt); c != 0 {
		return c > 0
	}
	if a.Field != b.Field { // what the report alone counts by comes last
		return a.Field > b.Field
	}
	return a.Channel > b.Channel
}

// chooseOffice picks the pair among several offices that hold the code: the one
// the platform names as department, else the one updated last.
func chooseOffice(held []*Record, platform *Record) *Record {
	var chosen *Record
	named := func(r *Record) bool { return platform != nil && r.Department == platform.Department }
	for _, rec := range held {
		switch {
		case chosen == nil, named(rec) && !named(chosen):
			chosen = rec
		case named(rec) == named(chosen) && updatedLater(rec, chosen):
			chosen = rec
		}
	}
	return chosen
}
