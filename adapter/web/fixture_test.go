package web

import (
	"time"

	"github.com/doisoat/doisoat/reconcile"
	"github.com/doisoat/doisoat/reconcile/calendar"
)

func at(day, hour int) time.Time { return time.Date(2018, 6, day, hour, 0, 0, 0, vietnam) }

// full is a backend in which every field of every answer is set somewhere.
func full() *memory {
	platform, office := records()
	snap := reconcile.Snapshot{
		ID: 31, Source: "justice-book", Side: reconcile.Office, State: reconcile.SnapshotHeld, Rows: 9, Skipped: 1, Rejected: 2, Records: 71, AcceptedBy: "lan",
		Poll: reconcile.Poll{
			Mode: reconcile.Full, StartedAt: at(30, 8), EndedAt: at(30, 8).Add(1500 * time.Millisecond), EndReached: true, DeclaredTotal: 12,
			Pages: 1, Requests: 3, Cause: reconcile.CauseTotal, Reason: "the source answered with hardly any dossiers",
		},
	}
	stood := reconcile.Discrepancy{
		ID: "4f0c2f5d7a6b1e98", Kind: reconcile.ResolvedNotClosed, Side: reconcile.Office, Code: platform.Code, Department: "VPDKDD",
		State: reconcile.StateWaived, Effect: reconcile.FalseOverdue, Reason: "resolved in land-register, processing on the platform", Since: at(25, 10),
		FirstDetectedAt: at(26, 1), OpenedAt: at(26, 10), ResolvedAt: at(29, 10), Reopened: 1, SetBy: "lan", Note: "chờ <ký> & đóng dấu",
		WaivedUntil: at(30, 0), Unstable: true,
	}
	life := DiscrepancyLife{
		Discrepancy: DiscrepancyOf(&stood, platform, office, vietnam),
		Events: EventsOf([]reconcile.Event{
			{At: at(26, 1), Actor: reconcile.ServiceActor, To: reconcile.StateSuspected, Why: "found"},
			{At: at(26, 10), Actor: "lan", From: reconcile.StateSuspected, To: reconcile.StateWaived, Why: "chờ ký"},
		}, vietnam),
	}
	life.NotVerifiedSince = Stamp(at(28, 1), vietnam)
	source := Source{
		Name: "justice-book", Side: reconcile.Office, Protocol: "workbook", Departments: []string{"TP"}, Records: 71, AsOf: Stamp(at(29, 1), vietnam),
		PollEvery: Every(5 * time.Minute), Full: "0 1 * * *", NextPollAt: Stamp(at(30, 9), vietnam), LastSuccessAt: Stamp(at(29, 1), vietnam),
		LastCompleteAt: Stamp(at(29, 1), vietnam), DataAt: Stamp(at(28, 16), vietnam), Statuses: map[string]int{"resolved": 70, "unmapped": 1},
		Unmapped: []Unmapped{{Field: "status", Value: "Chờ ký", Count: 1}},
	}
	source.Attempted(&snap, "doisoat snapshot accept 31", vietnam)
	return &memory{
		revision: "12-7", list: several(), sources: []Source{source, {Name: "new", Side: reconcile.Office, Protocol: "http"}}, status: busy(),
		dossiers: map[string]*Dossier{platform.Code: explained(platform, office, life, &snap)},
	}
}

func records() (platform, office *reconcile.Record) {
	code := "000.00.16.H57-180611-0004"
	platform = &reconcile.Record{
		Source: "dvc-hue", Side: reconcile.Platform, Code: code, Procedure: "1.000948", Field: "Đất đai", Department: "VPDKDD",
		Status: reconcile.Processing, RawStatus: "4", ReceivedAt: moment(11, 8), DueAt: moment(29, 17), UpdatedAt: moment(11, 9),
	}
	office = &reconcile.Record{
		Source: "land-register", Side: reconcile.Office, Code: code, Department: "VPDKDD", Status: reconcile.Returned, RawStatus: "Đã trả",
		ReceivedAt: day(11), DueAt: day(29), ExtendedDueAt: day(30), CompletedAt: moment(25, 10), ReturnedAt: moment(26, 8),
	}
	return platform, office
}

func moment(day, hour int) reconcile.Moment { return reconcile.Moment{Time: at(day, hour)} }
func day(d int) reconcile.Moment            { return reconcile.Moment{Time: at(d, 0), DateOnly: true} }

func explained(platform, office *reconcile.Record, life DiscrepancyLife, snap *reconcile.Snapshot) *Dossier {
	grace := reconcile.Grace{Since: at(25, 10), Allowed: 8 * time.Hour, Elapsed: 9*time.Hour + 30*time.Minute, EndsAt: at(26, 10), Over: true}
	finding := reconcile.Finding{Kind: reconcile.ResolvedNotClosed, Side: reconcile.Office, SinceFrom: "the office's end", Reason: "resolved in land-register"}
	return &Dossier{
		Code: platform.Code, Codes: []string{platform.Code, "OLD-4"}, AsOf: Stamp(now, vietnam),
		Records: []ExplainedRecord{
			{Record: *RecordOf(platform, vietnam), Raw: map[string]string{"MaHoSo": platform.Code, "TrangThaiHoSo": "4"}, SeenFrom: Stamp(at(11, 9), vietnam)},
			{Record: *RecordOf(office, vietnam), Raw: map[string]string{"Tình trạng": "Đã trả"}, SeenFrom: Stamp(at(26, 9), vietnam)},
		},
		History: []ExplainedRecord{{Record: *RecordOf(office, vietnam), Unreadable: true, Raw: nil, SeenFrom: Stamp(at(12, 9), vietnam),
			SeenUntil: Stamp(at(25, 9), vietnam), Gone: true}},
		Rejected: []RejectedRow{RejectedOf("justice-book", reconcile.Rejected{
			Position: reconcile.Position{Place: "offices/tp.xlsx, sheet Sổ theo dõi", Row: 9}, Cause: "date", Reason: "31/06/2018 is no date", Code: platform.Code,
		})},
		Rules: RulesOf([]reconcile.Step{{Rule: "duplicate_code", Why: "each side holds it once"}, {Rule: "resolved_not_closed", Fired: true, Why: "…"}}),
		Findings: []Finding{FindingOf(finding, grace, []calendar.Stretch{
			{Date: "2018-06-25", Working: 6 * time.Hour}, {Date: "2018-06-26", Working: 3*time.Hour + 30*time.Minute, Why: "a make-up day", Name: "Làm bù"},
		}, vietnam)},
		Deadline: DeadlineOf(&reconcile.Deadline{Reported: &reconcile.Verdict{Late: true}, Verified: &reconcile.Verdict{Ended: true}, Due: day(29),
			DueFrom: reconcile.DueFromPlatform, Effect: reconcile.FalseOverdue}, vietnam),
		Uncovered: []int{2019}, Discrepancies: []DiscrepancyLife{life}, Snapshots: []Snapshot{SnapshotOf(snap, vietnam)},
	}
}

func busy() Status {
	return Status{
		Version: "0.2.0", Instance: "doisoat-0", StartedAt: Stamp(at(30, 7), vietnam), Ready: true,
		Store:  StoreStatus{Kind: "postgres", SchemaVersion: 2},
		Config: ConfigStatus{File: "/etc/doisoat/config.yaml", LoadedAt: Stamp(at(30, 7), vietnam), ReloadError: "config.yaml:3: no such key"},
		LastRuns: []Run{{Kind: RunNightly, ID: 12, StartedAt: Stamp(at(30, 1), vietnam), EndedAt: Stamp(at(30, 2), vietnam), AsOf: Stamp(at(30, 1), vietnam),
			Full: true, Examined: 1907, Opened: 3, Resolved: 5, Reopened: 1, Compared: 1823, Skipped: []string{"TP"}}},
		InProgress:    []RunningRun{{Kind: RunIncremental, StartedAt: Stamp(at(30, 8), vietnam), Instance: "doisoat-1", Phase: "poll"}},
		NextNightlyAt: Stamp(at(30, 25), vietnam),
		Counts:        []Count{{Kind: reconcile.ResolvedNotClosed, State: reconcile.StateOpen, Count: 24, Unstable: 1}},
		Guards: Guards{
			HeldSnapshots: []HeldSnapshot{{ID: 31, Source: "justice-book", Reason: "no dossiers at all", Command: "doisoat snapshot accept 31"}},
			HeldRuns:      []HeldRun{{ID: 11, Opened: 400, Reason: "400 would open at once", Suspect: "department TP", Command: "doisoat run release 11"}},
			NotAccepted: []NotAccepted{{Name: "justice-book", State: reconcile.SnapshotHeld, Cause: reconcile.CauseTotal, Reason: "no dossiers at all",
				Since: Stamp(at(30, 1), vietnam), Remedy: "look at the book"}},
		},
		Jobs: []JobCount{{Kind: "poll", State: "scheduled", Count: 3}}, Warnings: []string{"the calendar does not know the holidays of 2019"},
	}
}

// several are discrepancies of two kinds, three departments and all states.
func several() []reconcile.Discrepancy {
	var list []reconcile.Discrepancy
	for _, kind := range []reconcile.Kind{reconcile.UnmappedStatus, reconcile.ResolvedNotClosed} {
		for n, department := range []string{"VPDKDD", "KT", ""} {
			for i, state := range reconcile.States {
				d := reconcile.Discrepancy{
					Kind: kind, Code: "H57-" + department + string(rune('0'+i)), Department: department, State: state, Effect: reconcile.Effects[(n+i)%3],
					Reason: "…", Since: at(1, 8), FirstDetectedAt: at(1, 9), Unstable: state == reconcile.StateSuspected,
				}
				if kind == reconcile.UnmappedStatus {
					other := d
					other.Side, d.Side = reconcile.Office, reconcile.Platform
					other.ID = reconcile.DiscrepancyID(kind, other.Code, other.Side)
					list = append(list, other)
				}
				d.ID = reconcile.DiscrepancyID(kind, d.Code, d.Side)
				list = append(list, d)
			}
		}
	}
	return list
}
