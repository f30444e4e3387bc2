package webtest

import (
	"context"
	"fmt"
	"time"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/reconcile"
	"github.com/doisoat/doisoat/reconcile/calendar"
)

// Dossier implements web.DossierBackend.
func (b *Backend) Dossier(_ context.Context, scope access.Scope, code string) (*web.Dossier, error) {
	unlock, err := b.begin("Dossier")
	defer unlock()
	if err != nil {
		return nil, err
	}
	code = canonical(code)
	for i := range b.items {
		if it := &b.items[i]; it.Code == code && scope.Sees(it.Department) {
			return b.explained(it), nil
		}
	}
	return nil, fmt.Errorf("dossier %s: %w", code, web.ErrNotFound)
}

func (b *Backend) explained(it *item) *web.Dossier {
	mark := Mark(it.Department)
	d := &web.Dossier{
		Code: it.Code, Codes: []string{it.Code, "CU-" + it.Code}, AsOf: b.stamp(b.now), Uncovered: []int{2019},
		Deadline: web.DeadlineOf(&reconcile.Deadline{
			Reported: &reconcile.Verdict{Late: true}, Verified: &reconcile.Verdict{Ended: true}, Due: moment(29, 17), DueFrom: reconcile.DueFromPlatform, Effect: it.Effect,
		}, Vietnam),
		Discrepancies: []web.DiscrepancyLife{{Discrepancy: b.shown(it), Events: web.EventsOf(it.events, Vietnam)}},
		Rejected:      []web.RejectedRow{rejected(it.Department)},
		Snapshots:     []web.Snapshot{b.snapshot("dvc-hue", reconcile.Platform, 30), b.snapshot(sourceOf(it.Department), reconcile.Office, 29)},
	}
	for _, rec := range [...]*reconcile.Record{it.platform, it.office} {
		if rec == nil {
			continue
		}
		d.Records = append(d.Records, web.ExplainedRecord{
			Record: *web.RecordOf(rec, Vietnam), SeenFrom: b.stamp(june(11, 9)),
			Raw: map[string]string{"Mã hồ sơ": rec.Code, "Tình trạng": rec.RawStatus, "Ghi chú " + Hostile[1]: mark + Hostile[0]},
		})
		earlier := *rec
		earlier.Status, earlier.RawStatus, earlier.CompletedAt, earlier.ReturnedAt = reconcile.Received, "2", reconcile.Moment{}, reconcile.Moment{}
		d.History = append(d.History, web.ExplainedRecord{
			Record: *web.RecordOf(&earlier, Vietnam), SeenFrom: b.stamp(june(11, 9)), SeenUntil: b.stamp(june(15, 9)), Raw: map[string]string{"Tình trạng": "2"},
		})
	}
	for _, kind := range reconcile.Kinds {
		d.Rules = append(d.Rules, web.RuleTried{Rule: string(kind), Fired: kind == it.Kind, Why: "vì " + mark})
	}
	grace := reconcile.Grace{Since: it.Since, Allowed: 8 * time.Hour, Elapsed: 8 * time.Hour, EndsAt: it.Since.Add(24 * time.Hour), Over: true}
	d.Findings = []web.Finding{web.FindingOf(
		reconcile.Finding{Kind: it.Kind, Side: it.Side, Reason: it.Reason, SinceFrom: "the office's end"}, grace,
		[]calendar.Stretch{
			{Date: it.Since.Format(time.DateOnly), Working: 5 * time.Hour},
			{Date: it.Since.AddDate(0, 0, 1).Format(time.DateOnly), Working: 3 * time.Hour, Why: "a make-up day", Name: "Làm bù"},
		}, Vietnam)}
	return d
}

func rejected(department string) web.RejectedRow {
	return web.RejectedRow{
		Source: sourceOf(department), Place: "offices/" + department + ".xlsx, sheet Sổ theo dõi", Row: 9, Cause: "date",
		Reason: "31/06/2018 is no date " + Mark(department) + " " + Hostile[0], Code: CodeOf(department, 3),
	}
}

func (b *Backend) snapshot(source string, side reconcile.Side, id int64) web.Snapshot {
	return web.SnapshotOf(&reconcile.Snapshot{
		ID: id, Source: source, Side: side, State: reconcile.SnapshotAccepted, Rows: 1907, Records: 1907, AcceptedBy: reconcile.ServiceActor,
		Poll: reconcile.Poll{Mode: reconcile.Full, StartedAt: june(30, 1), EndedAt: june(30, 1).Add(2 * time.Minute), EndReached: true, DeclaredTotal: 1907, Pages: 4, Requests: 5},
	}, Vietnam)
}
