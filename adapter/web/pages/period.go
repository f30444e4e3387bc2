package pages

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/reconcile"
)

// reportFor is how long after its end a quarter is still the one whose report is
// being made.
const reportFor = 25 * 24 * time.Hour

// quartersBack is how many quarters can be chosen by name.
const quartersBack = 8

// maxPeriod bounds a period: what is longer is not read page by page.
const maxPeriod = 5 * 366 * 24 * time.Hour

// quarter is three months of the calendar.
type quarter struct{ year, number int }

func quarterOf(at time.Time) quarter { return quarter{at.Year(), (int(at.Month())-1)/3 + 1} }

func (q quarter) before() quarter {
	if q.number == 1 {
		return quarter{q.year - 1, 4}
	}
	return quarter{q.year, q.number - 1}
}

func (q quarter) days(zone *time.Location) (from, to time.Time) {
	from = time.Date(q.year, time.Month(3*q.number-2), 1, 0, 0, 0, 0, zone)
	return from, from.AddDate(0, 3, -1)
}

func (q quarter) String() string { return fmt.Sprintf("%d-Q%d", q.year, q.number) }

func readQuarter(text string) (quarter, bool) {
	var q quarter
	if n, err := fmt.Sscanf(text, "%4d-Q%1d", &q.year, &q.number); n != 2 || err != nil || q.String() != text {
		return quarter{}, false
	}
	return q, q.number >= 1 && q.number <= 4 && q.year >= 1990 && q.year < 2200
}

// period is what a report is asked for with, as the address says it.
type period struct {
	Quarter  string // "2018-Q2"; "" where days are given
	From, To string // yyyy-MM-dd, as typed where they cannot be read
	By       reconcile.By
	AsOf     string // yyyy-MM-ddTHH:mm; "" is now
	Faults   map[string]string
}

const asOfLayout = "2006-01-02T15:04"

// periodOf reads a period. Where nothing is said it is the quarter whose report is
// due; what cannot be read is a fault next to its field.
func (p *Pages) periodOf(q url.Values, v *view) (period, web.ReportQuery) {
	zone := p.options.Zone
	chosen := period{Quarter: q.Get("quarter"), From: strings.TrimSpace(q.Get("from")), To: strings.TrimSpace(q.Get("to")), By: reconcile.By(q.Get("by")), AsOf: q.Get("as_of"), Faults: map[string]string{}}
	if !slices.Contains(reconcile.Bys, chosen.By) {
		chosen.By = reconcile.ByDepartment
	}
	query := web.ReportQuery{By: chosen.By}
	now := p.options.Clock().In(zone)
	if chosen.From == "" && chosen.To == "" {
		wanted, ok := readQuarter(chosen.Quarter)
		if !ok {
			wanted = quarterOf(now.Add(-reportFor))
		}
		query.From, query.To = wanted.days(zone)
		chosen.Quarter = wanted.String()
	} else {
		var fromRead, toRead bool
		query.From, fromRead = readDay(chosen.From, zone)
		query.To, toRead = readDay(chosen.To, zone)
		if !fromRead {
			chosen.Faults["from"] = v.say("period.unreadable")
		}
		switch {
		case !toRead:
			chosen.Faults["to"] = v.say("period.unreadable")
		case fromRead && query.To.Before(query.From):
			chosen.Faults["to"] = v.say("period.backwards")
		case fromRead && query.To.Sub(query.From) > maxPeriod:
			chosen.Faults["to"] = v.say("period.long")
		}
		// A quarter that was typed as its days is one.
		chosen.Quarter = ""
		if fromRead && toRead {
			if from, to := quarterOf(query.From).days(zone); from.Equal(query.From) && to.Equal(query.To) {
				chosen.Quarter = quarterOf(query.From).String()
			}
		}
	}
	if fromRead, toRead := chosen.Faults["from"] == "", chosen.Faults["to"] == ""; fromRead && toRead {
		chosen.From, chosen.To = query.From.Format(time.DateOnly), query.To.Format(time.DateOnly)
	}
	if chosen.AsOf != "" {
		at, err := time.ParseInLocation(asOfLayout, chosen.AsOf, zone)
		if err != nil {
			chosen.Faults["as_of"] = v.say("period.unreadable")
		}
		query.AsOf = at
	}
	return chosen, query
}

// values write the period as days, so that an address means the same next quarter.
func (p *period) values() url.Values {
	q := url.Values{"from": {p.From}, "to": {p.To}, "by": {string(p.By)}}
	if p.AsOf != "" {
		q.Set("as_of", p.AsOf)
	}
	return q
}

// quarters are those that can be chosen by name, the newest first; the one chosen
// is among them.
func (p *Pages) quarters(chosen string, v *view) []choice {
	var list []choice
	one := quarterOf(p.options.Clock().In(p.options.Zone))
	for range quartersBack {
		list = append(list, choice{one.String(), v.say("period.quarter", fmt.Sprint(one.number), fmt.Sprint(one.year)), one.String() == chosen})
		one = one.before()
	}
	if q, ok := readQuarter(chosen); ok && !slices.ContainsFunc(list, func(c choice) bool { return c.Selected }) {
		list = append(list, choice{chosen, v.say("period.quarter", fmt.Sprint(q.number), fmt.Sprint(q.year)), true})
	}
	return list
}
