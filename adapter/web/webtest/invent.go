package webtest

import (
	"fmt"
	"strconv"
	"time"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/reconcile"
)

// item is a discrepancy with both records and its life.
type item struct {
	reconcile.Discrepancy
	platform, office *reconcile.Record
	events           []reconcile.Event
	notVerified      time.Time
}

// person is a dossier of the report's period.
type person struct {
	code, department, field string
	reported, verified      reconcile.Verdict
	effect                  reconcile.Effect
	early, online           bool
}

func june(day, hour int) time.Time { return time.Date(2018, 6, day, hour, 0, 0, 0, Vietnam) }

// CodeOf is the nth dossier (0 to 13: as in reconcile.Kinds) of a department.
func CodeOf(department string, n int) string {
	for i, d := range Names {
		if d.Code == department {
			return fmt.Sprintf("000.00.16.H57-180611-%d%03d", i+1, n)
		}
	}
	return ""
}

var fields = []string{"Đất đai", "Thành lập và hoạt động hộ kinh doanh", "Hộ tịch"}

func (b *Backend) invent() {
	for i, department := range Names {
		for n, kind := range reconcile.Kinds {
			b.items = append(b.items, discrepancy(department.Code, fields[i], n, kind))
		}
		b.inventLetters(i, department)
		for n := range 30 {
			b.population = append(b.population, populated(department.Code, fields[i], i, n))
		}
	}
	b.accounts = []web.Account{
		{ID: 1, Name: "van-hanh", Display: "Người vận hành", Role: "operator", Departments: []string{}, LastLoginAt: b.stamp(june(30, 8)), CreatedAt: b.stamp(june(1, 8))},
		{ID: 2, Name: "trung-tam", Display: "Trung tâm <b>hành chính</b> công", Role: "centre", Departments: []string{}, CreatedAt: b.stamp(june(1, 9))},
		{ID: 3, Name: "dat-dai", Display: "Cán bộ đất đai", Role: "department", Departments: []string{Own}, MustChange: true, CreatedAt: b.stamp(june(2, 9))},
		{ID: 4, Name: "kinh-te", Display: "Cán bộ kinh tế " + Mark(Foreign), Role: "department", Departments: []string{Foreign}, LockedUntil: b.stamp(b.now.Add(9 * time.Minute)), CreatedAt: b.stamp(june(3, 9))},
		{ID: 5, Name: "thanh-tra", Display: "Thanh tra", Role: "auditor", Departments: []string{}, Disabled: true, CreatedAt: b.stamp(june(4, 9))},
	}
	b.tokens = []web.Token{
		{ID: 1, Name: "Bảng theo dõi", Owner: "van-hanh", Role: "auditor", Departments: []string{}, ReadOnly: true, CreatedAt: b.stamp(june(5, 9)), ExpiresAt: "2019-06-05T09:00:00+07:00", LastUsedAt: b.stamp(june(30, 7))},
		{ID: 2, Name: "Phần mềm một cửa " + Mark(Foreign), Owner: "kinh-te", Role: "department", Departments: []string{Foreign}, CreatedAt: b.stamp(june(6, 9)), ExpiresAt: "2018-09-06T09:00:00+07:00"},
		{ID: 3, Name: "cũ", Owner: "dat-dai", Role: "department", Departments: []string{Own}, CreatedAt: b.stamp(june(6, 9)), ExpiresAt: "2018-09-06T09:00:00+07:00", RevokedAt: b.stamp(june(20, 9))},
	}
	b.held = []web.HeldSnapshot{{ID: 31, Source: "economy-book", Reason: "sổ không còn hồ sơ nào", Command: "doisoat snapshot accept 31"}}
	b.heldRuns = []web.HeldRun{{ID: 11, Opened: 400, Reason: "400 sai lệch mở cùng một lúc", Suspect: "nguồn economy-book", Command: "doisoat run release 11"}}
	b.record(web.AuditEntry{Actor: "van-hanh", Role: "operator", Via: "command", Action: "user add", Object: "dat-dai", Outcome: web.OutcomeDone})
	b.record(web.AuditEntry{Actor: Hostile[0], Remote: "192.0.2.7", Action: "login", Outcome: web.OutcomeRefused, Detail: "401; sai tên hoặc mật khẩu"})
}

func discrepancy(department, field string, n int, kind reconcile.Kind) item {
	code := CodeOf(department, n)
	hostile := Hostile[n%len(Hostile)]
	platform := &reconcile.Record{
		Source: "dvc-hue", Side: reconcile.Platform, Code: code, Procedure: "1.0009" + strconv.Itoa(40+n), Field: field, Department: department,
		Status: reconcile.Processing, RawStatus: "4", ReceivedAt: moment(11, 8), DueAt: moment(29, 17), UpdatedAt: moment(11, 9),
	}
	office := &reconcile.Record{
		Source: sourceOf(department), Side: reconcile.Office, Code: code, Field: field, Department: department, Status: reconcile.Returned,
		RawStatus: "Đã trả " + Mark(department) + " " + hostile, ReceivedAt: moment(11, 0), DueAt: moment(29, 0), CompletedAt: moment(20+n%9, 10), ReturnedAt: moment(21+n%9, 8),
	}
	office.ReceivedAt.DateOnly, office.DueAt.DateOnly = true, true
	it := item{platform: platform, office: office}
	side := reconcile.Side("")
	switch kind {
	case reconcile.MissingInOffice:
		it.office = nil
	case reconcile.MissingOnPlatform:
		it.platform = nil
	case reconcile.DuplicateCode, reconcile.UnmappedStatus, reconcile.InvalidRecord:
		side = reconcile.Office
	}
	since := june(12+n, 8)
	it.Discrepancy = reconcile.Discrepancy{
		ID: reconcile.DiscrepancyID(kind, code, side), Kind: kind, Side: side, Code: code, Department: department,
		State: reconcile.StateOpen, Effect: reconcile.Effects[n%len(reconcile.Effects)],
		Reason: "resolved in " + sourceOf(department) + ", processing on the platform; " + Mark(department) + " " + hostile,
		Since:  since, FirstDetectedAt: since.Add(time.Hour), OpenedAt: since.Add(24 * time.Hour),
	}
	it.events = []reconcile.Event{
		{At: it.FirstDetectedAt, Actor: reconcile.ServiceActor, To: reconcile.StateSuspected, Why: "found " + Mark(department)},
		{At: it.OpenedAt, Actor: reconcile.ServiceActor, From: reconcile.StateSuspected, To: reconcile.StateOpen, Why: "the grace is over"},
	}
	switch n % 7 {
	case 2:
		it.set(reconcile.StateAcknowledged, "dat-dai", "đã rõ, đang sửa "+Mark(department)+" "+hostile, june(29, 9))
	case 3:
		it.set(reconcile.StateWaived, "trung-tam", "chờ <ký> & đóng dấu "+Mark(department), june(29, 10))
		it.WaivedUntil = time.Date(2018, 8, 1, 0, 0, 0, 0, Vietnam) // to the end of 31 July
	case 4:
		it.State, it.OpenedAt, it.Unstable, it.events = reconcile.StateSuspected, time.Time{}, n > 7, it.events[:1]
	case 5:
		it.set(reconcile.StateResolved, reconcile.ServiceActor, "", june(30, 1))
		it.ResolvedAt, it.SetBy = june(30, 1), ""
	case 6:
		it.Reopened, it.notVerified = 1, june(28, 1)
	}
	return it
}

func (it *item) set(to reconcile.State, who, note string, at time.Time) {
	it.events = append(it.events, reconcile.Event{At: at, Actor: who, From: it.State, To: to, Why: note})
	it.State, it.SetBy, it.Note = to, who, note
}

func moment(day, hour int) reconcile.Moment { return reconcile.Moment{Time: june(day, hour)} }

func sourceOf(department string) string {
	return map[string]string{Own: "land-register", Foreign: "economy-book", Third: "justice-book"}[department]
}

func populated(department, field string, i, n int) person {
	p := person{code: fmt.Sprintf("000.00.16.H57-180502-%d%03d", i+1, n), department: department, field: field, effect: reconcile.EffectNone, early: n%4 == 0, online: n%3 > 0}
	p.reported = reconcile.Verdict{Ended: n%5 > 0, Late: n%6 == 1}
	p.verified = p.reported
	switch {
	case n%10 == 0: // the office ended it in time, the platform has it live and overdue
		p.reported, p.verified, p.effect = reconcile.Verdict{Late: true}, reconcile.Verdict{Ended: true}, reconcile.FalseOverdue
	case n%15 == 7:
		p.reported, p.verified, p.effect = reconcile.Verdict{Ended: true}, reconcile.Verdict{Late: true}, reconcile.HiddenOverdue
	}
	return p
}

func (b *Backend) inventLetters(i int, department web.NamedDepartment) {
	for n := range 2 {
		id := int64(2*i + n + 1)
		day := june(28+n, 9)
		l := web.Letter{
			ID: id, Number: fmt.Sprintf("%d/PĐĐ-TTHCC %s", id, Mark(department.Code)), Department: department.Code, Name: department.Name, Day: day.Format(time.DateOnly),
			Times: n + 1, MadeAt: b.stamp(day), MadeBy: "trung-tam", AnswerBy: b.stamp(day.Add(72 * time.Hour)), Items: []web.LetterItem{},
		}
		for k := range b.items {
			if d := &b.items[k]; d.Department == department.Code && d.State == reconcile.StateOpen && d.Kind.Reminded() {
				l.Items = append(l.Items, web.LetterItem{Discrepancy: d.ID, Code: d.Code, Kind: d.Kind, Effect: d.Effect, Times: n + 1, State: d.State})
			}
		}
		l.Count = len(l.Items)
		b.letters = append(b.letters, l)
		b.deliver(&l, "email", web.DeliverySent, "")
		b.deliver(&l, "folder", []web.DeliveryState{web.DeliveryDead, web.DeliveryPending}[n], "open //share/"+Mark(department.Code)+": no such host "+Hostile[0])
	}
}

func (b *Backend) deliver(l *web.Letter, channel string, state web.DeliveryState, fault string) {
	d := web.Delivery{
		ID: int64(len(b.deliveries) + 1), Letter: l.ID, Number: l.Number, Department: l.Department, Channel: channel, State: state, Attempts: 1,
		MessageID: fmt.Sprintf("<letter-%d-%s@doisoat.example>", l.ID, channel), CreatedAt: l.MadeAt, LastError: fault,
	}
	switch state {
	case web.DeliveryPending:
		d.NextAt = b.stamp(b.now.Add(15 * time.Minute))
	case web.DeliveryDead:
		d.Attempts, d.EndedAt = 12, b.stamp(b.now.Add(-time.Hour))
	default:
		d.EndedAt = l.MadeAt
	}
	b.deliveries = append(b.deliveries, d)
}
