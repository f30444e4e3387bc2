package app

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/mappings"
	"github.com/doisoat/doisoat/reconcile"
)

// backend shows the daemon to the API.
type backend struct{ *Daemon }

// Revision implements web.DiscrepancyBackend. What is fresh depends on the time,
// too, so it changes every minute even where nothing else does.
func (b backend) Revision(ctx context.Context) (string, error) {
	revision, err := b.store.Revision(ctx)
	return revision + strconv.FormatInt(b.now().Unix()/60, 36) + "." + strconv.FormatInt(b.reloaded.Load().at.UnixMilli(), 36), err
}

// Discrepancies implements web.DiscrepancyBackend.
func (b backend) Discrepancies(ctx context.Context, q web.Query) (*web.Page, error) {
	app, done := b.current.take()
	defer done()
	zone := app.Config.Zone
	known, err := app.recall(ctx)
	if err != nil {
		return nil, err
	}
	rules := app.rulesNow(known, b.asOf(), b.now())
	filter := store.Filter{
		States: q.States, All: q.All, Departments: q.Scope.Departments(), Department: q.Department, Kind: q.Kind, Effect: q.Effect,
		Unstable: q.Unstable, Order: store.Order(q.Order), Limit: q.Limit + 1,
	}
	if q.Code != "" {
		filter.Code = mappings.CanonicalCode(q.Code)
	}
	if q.CodePrefix != "" {
		filter.CodePrefix = mappings.CanonicalCode(q.CodePrefix)
	}
	if q.After != nil {
		filter.After = &store.Place{Kind: q.After.Kind, Department: q.After.Department, Code: q.After.Code, Side: q.After.Side, Since: q.After.Since}
	}
	page := &web.Page{Items: []web.Discrepancy{}}
	var last reconcile.Discrepancy
	err = app.eachListed(ctx, known, rules, filter, func(l *Listed) error {
		if len(page.Items) == q.Limit {
			page.Next = web.CursorOf(&last)
			return nil
		}
		page.Items, last = append(page.Items, wireListed(rules, l, zone)), l.Discrepancy
		return nil
	})
	if err != nil {
		return nil, err
	}
	if run := known.run; run != nil {
		page.Run, page.AsOf = run.ID, web.Stamp(run.AsOf, zone)
	}
	return page, nil
}

// Dossier implements web.DossierBackend.
func (b backend) Dossier(ctx context.Context, scope access.Scope, code string) (*web.Dossier, error) {
	app, done := b.current.take()
	defer done()
	e, err := app.Explain(ctx, code, b.asOf(), time.Time{})
	if errors.Is(err, store.ErrNotFound) || err == nil && !scope.Sees(e.Outcome.Department) {
		return nil, fmt.Errorf("%w: no source has this dossier, none ever had", web.ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	return dossierOf(e, app.Config.Zone), nil
}

// dossierOf writes what explain tells as JSON.
func dossierOf(e *Explanation, zone *time.Location) *web.Dossier {
	d := &web.Dossier{
		Code: e.Code, Codes: orNone(e.Codes), AsOf: web.Stamp(e.AsOf, zone), Rules: web.RulesOf(e.Steps),
		Deadline: web.DeadlineOf(&e.Outcome.Deadline, zone), Uncovered: orNone(e.Uncovered), Records: []web.ExplainedRecord{},
		History: []web.ExplainedRecord{}, Rejected: []web.RejectedRow{}, Findings: []web.Finding{}, Discrepancies: []web.DiscrepancyLife{},
		Snapshots: []web.Snapshot{},
	}
	for i := range e.Rows {
		d.Records = append(d.Records, explainedRecord(&e.Rows[i], zone))
	}
	for i := range e.Versions {
		v := &e.Versions[i]
		record := explainedRecord(&v.ExplainedRow, zone)
		record.SeenFrom, record.SeenUntil, record.Gone = web.Stamp(v.SeenFrom, zone), web.Stamp(v.SeenUntil, zone), v.Gone
		d.History = append(d.History, record)
	}
	for _, r := range e.Rejected {
		d.Rejected = append(d.Rejected, web.RejectedOf(r.Source, r.Rejected))
	}
	for _, a := range e.Arithmetic {
		d.Findings = append(d.Findings, web.FindingOf(a.Finding, a.Grace, a.Stretches, zone))
	}
	for i := range e.Discrepancies {
		kept := &e.Discrepancies[i]
		d.Discrepancies = append(d.Discrepancies, web.DiscrepancyLife{
			Discrepancy: web.DiscrepancyOf(&kept.Discrepancy, e.Outcome.Pair.Platform, e.Outcome.Pair.Office, zone), Events: web.EventsOf(kept.Events, zone),
		})
	}
	for i := range e.Snapshots {
		d.Snapshots = append(d.Snapshots, web.SnapshotOf(&e.Snapshots[i], zone))
	}
	return d
}

func explainedRecord(row *ExplainedRow, zone *time.Location) web.ExplainedRecord {
	record := web.ExplainedRecord{Record: *web.RecordOf(&row.Record, zone), Unreadable: row.Record.Unreadable, Raw: map[string]string{}, SeenFrom: web.Stamp(row.Record.FirstReadAt, zone)}
	for _, value := range row.Raw {
		record.Raw[value.Input] = value.Value
	}
	return record
}

func orNone[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// Sources implements web.SourceBackend.
func (b backend) Sources(_ context.Context, scope access.Scope) ([]web.Source, error) {
	app, done := b.current.take()
	defer done()
	p, zone := b.picture.Load(), app.Config.Zone
	list := make([]web.Source, 0, len(app.sources))
	for _, src := range app.sources {
		if src.Side == reconcile.Office && !scope.All() && !slices.ContainsFunc(src.Departments, scope.Sees) {
			continue
		}
		item := web.Source{
			Name: src.Name, Side: src.Side, Protocol: src.Protocol(), Departments: orNone(src.Departments), PollEvery: web.Every(src.Poll.Every),
			Full: src.Poll.Full, Records: p.last[src.Name].Records, AsOf: web.Stamp(p.last[src.Name].StartedAt, zone),
			LastSuccessAt: web.Stamp(p.accepted[src.Name].StartedAt, zone), LastCompleteAt: web.Stamp(p.full[src.Name].StartedAt, zone),
			DataAt: web.Stamp(p.dataAt[src.Name], zone), Statuses: map[string]int{}, Unmapped: []web.Unmapped{},
		}
		item.NextPollAt = web.Stamp(b.schedule.NextPoll(src.Name, b.now()), zone)
		if snap, ok := p.attempted[src.Name]; ok {
			item.Attempted(&snap, acceptCommand(snap.ID), zone)
		}
		for i := range p.held {
			if p.held[i].Source == src.Name {
				item.HeldSnapshot, item.Command = p.held[i].ID, acceptCommand(p.held[i].ID)
			}
		}
		for status, n := range p.dossiers[src.Name] {
			name := string(status)
			if name == "" {
				name = "unmapped"
			}
			item.Statuses[name] = n
		}
		item.Unmapped = p.unmappedOf(src.Name)
		held := p.last[src.Name].Departments
		for _, code := range slices.Sorted(maps.Keys(held)) {
			if !app.isDepartment(code) {
				item.Unmapped = append(item.Unmapped, web.Unmapped{Field: "department", Value: code, Count: held[code]})
			}
		}
		if !scope.All() {
			item = narrowed(item)
		}
		list = append(list, item)
	}
	return list, nil
}

// narrowed is a source as a department may see it: how fresh it is. Counts, reasons
// and values may speak of others.
func narrowed(s web.Source) web.Source {
	return web.Source{
		Name: s.Name, Side: s.Side, Protocol: s.Protocol, Departments: []string{}, Up: s.Up, State: s.State, Complete: s.Complete, AsOf: s.AsOf,
		PollEvery: s.PollEvery, NextPollAt: s.NextPollAt, LastSuccessAt: s.LastSuccessAt, LastCompleteAt: s.LastCompleteAt, DataAt: s.DataAt,
		Statuses: map[string]int{}, Unmapped: []web.Unmapped{},
	}
}

func acceptCommand(id int64) string { return fmt.Sprintf("doisoat snapshot accept %d", id) }

func releaseCommand(id int64) string { return fmt.Sprintf("doisoat run release %d", id) }
