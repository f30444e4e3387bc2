package pages

import (
	"cmp"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/reconcile"
)

// dossierBody explains one dossier.
type dossierBody struct {
	*web.Dossier
	// Sides are the records that stand against each other: the platform's first.
	Sides []side
	Lines []recordLine
	Lives []life
	// Why is what the rules find now, in words, with the arithmetic.
	Why []because
	// Timeline is every event of every discrepancy, the newest first.
	Timeline []happening
	// Others are further names of the dossier.
	Others []string
}

// side is one record in the table of both.
type side struct {
	web.ExplainedRecord
	Platform bool
	Raw      []rawValue
}

type rawValue struct{ Name, Value string }

// recordLine is one field of both records.
type recordLine struct {
	Key    string // of its name
	Values []string
	// Differs: the sides that say something do not say the same.
	Differs bool
}

// because is why the dossier is on the list.
type because struct {
	web.Finding
	Sentence string
}

// life is a discrepancy with what can be done about it.
type life struct {
	web.DiscrepancyLife
	Sentence string
	Task     string
	Acts     actForm
}

type happening struct {
	web.Event
	Kind reconcile.Kind
	// Said is what the service itself gave as the reason, in the page's language; ""
	// where it was a person, or nothing is known of it but Why.
	Said string
}

// graceOver is what the service says where the grace of a kind ran out, around its
// length.
var graceOver = [2]string{"grace of ", " working time is over"}

func (v *view) happening(e web.Event, kind reconcile.Kind) happening {
	h := happening{Event: e, Kind: kind}
	if e.Actor != reconcile.ServiceActor {
		return h
	}
	h.Said = words[v.Language]["core."+e.Why]
	if length, ok := strings.CutPrefix(e.Why, graceOver[0]); ok {
		if length, ok = strings.CutSuffix(length, graceOver[1]); ok {
			h.Said = v.say("timeline.grace", hours(length, v.Language))
		}
	}
	return h
}

func dossierPath(code string) string { return "/dossiers/" + url.PathEscape(code) }

func scopeOf(r *http.Request) access.Scope { return access.From(r.Context()).Scope() }

func notFound(err error) bool { return errors.Is(err, web.ErrNotFound) }

func (p *Pages) dossier(w http.ResponseWriter, r *http.Request) error {
	return p.dossierPage(w, r, http.StatusOK, r.PathValue("code"), acts{})
}

// dossierPage shows a dossier, also again where what was sent from it had faults.
func (p *Pages) dossierPage(w http.ResponseWriter, r *http.Request, status int, code string, a acts) error {
	if !readable(code) {
		return web.ErrNotFound
	}
	d, err := p.options.Backend.Dossier(r.Context(), scopeOf(r), code)
	if err != nil {
		return err
	}
	v, err := p.view(r, "dossier.title")
	if err != nil {
		return err
	}
	v.Title += " " + d.Code
	v.Here = dossierPath(d.Code)
	body := dossierBody{Dossier: d}
	for _, other := range d.Codes {
		if other != d.Code {
			body.Others = append(body.Others, other)
		}
	}
	platforms := platformsOf(d)
	for _, record := range d.Records {
		body.Sides = append(body.Sides, side{record, platforms[record.Source], rawOf(record.Raw)})
	}
	slices.SortStableFunc(body.Sides, func(a, b side) int {
		return cmp.Compare(boolean(b.Platform), boolean(a.Platform))
	})
	body.Lines = p.linesOfRecords(v, body.Sides)
	for _, f := range d.Findings {
		body.Why = append(body.Why, because{f, v.sentence(p.options.Zone, f.Kind, f.Side, sideOf(body.Sides, true), sideOf(body.Sides, false))})
	}
	a.Dossier = d.Code
	for i, one := range d.Discrepancies {
		body.Lives = append(body.Lives, p.lifeOf(v, i, one, a))
		for _, e := range one.Events {
			body.Timeline = append(body.Timeline, v.happening(e, one.Kind))
		}
	}
	slices.SortStableFunc(body.Timeline, func(a, b happening) int { return cmp.Compare(b.At, a.At) })
	return p.answer(w, r, status, "dossier", v, body)
}

// platformsOf tells which sources are the platform's.
func platformsOf(d *web.Dossier) map[string]bool {
	are := map[string]bool{}
	for _, s := range d.Snapshots {
		are[s.Source] = are[s.Source] || s.Side == reconcile.Platform
	}
	for _, one := range d.Discrepancies {
		if one.Platform != nil {
			are[one.Platform.Source] = true
		}
	}
	return are
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}

func sideOf(sides []side, platform bool) *web.Record {
	for i := range sides {
		if sides[i].Platform == platform {
			return &sides[i].Record
		}
	}
	return nil
}

func rawOf(raw map[string]string) []rawValue {
	var list []rawValue
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		list = append(list, rawValue{name, raw[name]})
	}
	return list
}

// linesOfRecords lay the records side by side, field by field.
func (p *Pages) linesOfRecords(v *view, sides []side) []recordLine {
	at := func(text string) string { return moment(text, p.options.Zone) }
	on := func(text string) string { return day(text, p.options.Zone) }
	status := func(r *web.Record) string {
		if r.Status == "" {
			return v.say("status.unmapped")
		}
		return v.label("status", string(r.Status))
	}
	fields := []struct {
		key    string
		show   func(*web.Record) string
		same   func(*web.Record) string // what is compared
		always bool
	}{
		{"record.status", status, func(r *web.Record) string { return string(reconcile.DefaultGroup(r.Status)) }, true},
		{"record.raw_status", func(r *web.Record) string { return r.RawStatus }, nil, true},
		{"record.department", func(r *web.Record) string { return v.NameOf(r.Department) }, func(r *web.Record) string { return r.Department }, true},
		{"record.procedure", func(r *web.Record) string { return r.Procedure }, nil, false},
		{"record.field", func(r *web.Record) string { return r.Field }, nil, false},
		{"record.received_at", func(r *web.Record) string { return at(r.ReceivedAt) }, func(r *web.Record) string { return on(r.ReceivedAt) }, false},
		{"record.due_at", func(r *web.Record) string { return at(r.DueAt) }, func(r *web.Record) string { return on(cmp.Or(r.ExtendedDueAt, r.DueAt)) }, false},
		{"record.extended_due_at", func(r *web.Record) string { return at(r.ExtendedDueAt) }, nil, false},
		{"record.completed_at", func(r *web.Record) string { return at(r.CompletedAt) }, func(r *web.Record) string { return on(r.CompletedAt) }, false},
		{"record.returned_at", func(r *web.Record) string { return at(r.ReturnedAt) }, nil, false},
		{"record.updated_at", func(r *web.Record) string { return at(r.UpdatedAt) }, nil, false},
	}
	var lines []recordLine
	for _, field := range fields {
		line, said, first := recordLine{Key: field.key}, false, ""
		for i := range sides {
			record := &sides[i].Record
			value := field.show(record)
			line.Values = append(line.Values, value)
			said = said || value != ""
			if field.same == nil || sides[i].Unreadable {
				continue
			}
			if same := field.same(record); first == "" {
				first = same
			} else if same != "" && same != first {
				line.Differs = true
			}
		}
		if said || field.always {
			lines = append(lines, line)
		}
	}
	return lines
}

func (p *Pages) lifeOf(v *view, n int, one web.DiscrepancyLife, a acts) life {
	if !slices.Contains(a.IDs, one.ID) {
		a = acts{Dossier: a.Dossier}
	}
	office := canonical(one.Office)
	return life{
		DiscrepancyLife: one, Sentence: v.sentence(p.options.Zone, one.Kind, one.Side, one.Platform, one.Office),
		Task: v.task(one.Kind, one.Side, office),
		Acts: p.formOf(v, "acts-"+number(n+1, vi), a, one.State),
	}
}

// canonical is as much of a record as where it is put right depends on.
func canonical(r *web.Record) *reconcile.Record {
	if r == nil {
		return nil
	}
	record := &reconcile.Record{}
	if r.ExtendedDueAt != "" {
		record.ExtendedDueAt = reconcile.Moment{Time: time.Unix(0, 0)} // that there is one is what counts
	}
	return record
}
