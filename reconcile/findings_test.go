package reconcile_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/reconcile"
)

// Each test here holds the package to a sentence of the rules by one example
// that is easy to get wrong.

var early = at("2018-06-18", "08:00")

// plain is a dossier on both sides that agree, and its world at noon of
// Thursday, 5 July 2018, with everything read.
func plain(t *testing.T) (*world, *reconcile.Dossier) {
	t.Helper()
	w := &world{}
	w.coverAll(at("2018-07-05", "12:00"))
	w.rules.Calendar = plainHours(t)
	rec := reconcile.Record{
		Source: "book-a", Side: reconcile.Office, Code: "H57-1", Department: "KT",
		Status: reconcile.Processing, Group: reconcile.Open, RawStatus: "4",
		ReceivedAt: reconcile.Moment{Time: early}, UpdatedAt: reconcile.Moment{Time: early},
		DueAt: reconcile.Moment{Time: at("2018-07-06", "17:00")}, ReadAt: w.rules.AsOf, FirstReadAt: early,
	}
	d := &reconcile.Dossier{Offices: []reconcile.Record{rec}}
	rec.Source, rec.Side = platformSource, reconcile.Platform
	d.Platform = []reconcile.Record{rec}
	return w, d
}

func standingKinds(kept []reconcile.Discrepancy) (kinds []reconcile.Kind) {
	for _, d := range kept {
		if d.Standing() {
			kinds = append(kinds, d.Kind)
		}
	}
	return kinds
}

// §7: resolved on positive evidence only. A row that came but could not be read
// is no evidence.
func TestARowThatCannotBeReadResolvesNothing(t *testing.T) {
	t.Parallel()
	for _, side := range []reconcile.Side{reconcile.Platform, reconcile.Office} {
		t.Run(string(side), func(t *testing.T) {
			w, d := plain(t)
			d.Offices[0].Status, d.Offices[0].Group = reconcile.Payment, reconcile.Paused
			out := w.rules.Compare(d)
			kept := keep(nil, w.rules.Advance(&out, nil))
			list := d.Platform
			if side == reconcile.Office {
				list = d.Offices
			}
			list[0] = reconcile.Record{Unreadable: true, Source: list[0].Source, Side: side, Code: list[0].Code}
			w.coverAll(w.rules.AsOf.Add(time.Hour))
			out = w.rules.Compare(d)
			if changes := w.rules.Advance(&out, kept); len(changes) > 0 {
				t.Errorf("%s → %s: %s", changes[0].Event.From, changes[0].Event.To, changes[0].Event.Why)
			}
		})
	}
}

// §2: of several offices the one that the platform names is the pair. Where its
// row is there but cannot be read, no other office's may stand in for it.
func TestAFurtherOfficeDoesNotStandInForAnUnreadableRow(t *testing.T) {
	t.Parallel()
	w, d := plain(t)
	other := d.Offices[0]
	other.Source, other.Department = "book-b", "TP"
	d.Offices[0] = reconcile.Record{Unreadable: true, Source: "book-a", Side: reconcile.Office, Code: "H57-1"}
	d.Offices = append(d.Offices, other)
	if out := w.rules.Compare(d); len(out.Findings) > 0 {
		t.Errorf("%s: %s", out.Findings[0].Kind, out.Findings[0].Reason)
	}
}

// §7: identity is kind, code and side. Two offices that each hold the code twice
// are one discrepancy.
func TestTwoOfficesEachHoldingTheCodeTwiceAreOneDiscrepancy(t *testing.T) {
	t.Parallel()
	w, d := plain(t)
	for _, source := range []string{"book-a", "book-b"} {
		first, second := d.Offices[0], d.Offices[0]
		first.Source, second.Source = source, source
		second.Status = reconcile.Received
		if source == "book-a" {
			d.Offices = []reconcile.Record{first, second}
		} else {
			d.Offices = append(d.Offices, first, second)
		}
	}
	out := w.rules.Compare(d)
	changes := w.rules.Advance(&out, nil)
	if len(changes) != 1 {
		t.Errorf("%d changes for one discrepancy", len(changes))
	}
	if again := w.rules.Advance(&out, keep(nil, changes)); len(again) > 0 {
		t.Errorf("the same outcome again: %s → %s", again[0].Event.From, again[0].Event.To)
	}
}

// §8.3: the order of rows changes nothing, not even rows of different offices in
// turn.
func TestRowsOfOneSourceNeedNotStandTogether(t *testing.T) {
	t.Parallel()
	w, d := plain(t)
	again, other := d.Offices[0], d.Offices[0]
	again.Status = reconcile.Received
	other.Source, other.Department = "book-b", "TP"
	together, apart := *d, *d
	together.Offices = []reconcile.Record{d.Offices[0], again, other}
	apart.Offices = []reconcile.Record{d.Offices[0], other, again}
	if diff := cmp.Diff(outline(&w.rules, &together), outline(&w.rules, &apart)); diff != "" {
		t.Errorf("together (-), apart (+):\n%s", diff)
	}
}

// §6: only a complete full snapshot says that something is absent. An
// incremental poll of this run speaks only of the dossiers it saw.
func TestAnIncrementalPollDoesNotSayThatADossierIsAbsent(t *testing.T) {
	t.Parallel()
	for _, missing := range []reconcile.Side{reconcile.Office, reconcile.Platform} {
		t.Run(string(missing), func(t *testing.T) {
			w, d := plain(t)
			incremental := reconcile.Reading{Complete: true, Fresh: true, ReadAt: w.rules.AsOf, FullAt: at("2018-07-05", "01:00")}
			c := &w.rules.Coverage
			switch missing {
			case reconcile.Office:
				d.Offices = nil
				d.Platform[0].FirstReadAt = at("2018-07-05", "11:00")
				c.Sources["book-a"], c.Offices["KT"] = incremental, []reconcile.Reading{incremental}
			default:
				d.Platform = nil
				d.Offices[0].FirstReadAt = at("2018-07-05", "11:00")
				c.Sources[platformSource], c.Platform = incremental, incremental
			}
			out := w.rules.Compare(d)
			if len(out.Findings) > 0 || !out.Undecided {
				t.Errorf("undecided %v, %+v", out.Undecided, out.Findings)
			}
		})
	}
}

// §6: a poll is complete only if the declared total, where given, equals the
// distinct rows; that goes for an incremental one too, whose cursor would
// otherwise pass over what did not come.
func TestAnIncrementalPollThatLacksDeclaredRowsIsPartial(t *testing.T) {
	t.Parallel()
	s := reconcile.Snapshot{Rows: 3, Distinct: 3, Records: 1000, Poll: reconcile.Poll{Mode: reconcile.Incremental, EndReached: true, DeclaredTotal: 5}}
	s.Judge(&reconcile.Snapshot{Records: 1000}, reconcile.DefaultShrink)
	if s.State != reconcile.SnapshotPartial || s.Cause != reconcile.CauseTotal {
		t.Errorf("3 rows of 5 declared: %s %s", s.State, s.Cause)
	}
}

// §8.2: the same input again changes no event, though it was read again later.
func TestADateInTheFutureReadAgainIsNoEvent(t *testing.T) {
	t.Parallel()
	w, d := plain(t)
	d.Offices[0].ReceivedAt.Time = at("2018-12-24", "08:00")
	out := w.rules.Compare(d)
	kept := keep(nil, w.rules.Advance(&out, nil))
	w.coverAll(w.rules.AsOf.Add(time.Hour))
	d.Offices[0].ReadAt, d.Platform[0].ReadAt = w.rules.AsOf, w.rules.AsOf
	out = w.rules.Compare(d)
	for _, c := range w.rules.Advance(&out, kept) {
		if c.Event.To != "" {
			t.Errorf("%s → %s: %s", c.Event.From, c.Event.To, c.Event.Why)
		}
	}
}

// §8.2: a store that keeps milliseconds gives back what Advance would say again.
func TestWakeAtSurvivesAStoreOfMilliseconds(t *testing.T) {
	t.Parallel()
	w, d := plain(t)
	d.Offices[0].Status, d.Offices[0].Group = reconcile.Payment, reconcile.Paused
	out := w.rules.Compare(d)
	kept := keep(nil, w.rules.Advance(&out, nil))
	for i := range kept {
		kept[i].WakeAt = kept[i].WakeAt.Truncate(time.Millisecond)
	}
	if changes := w.rules.Advance(&out, kept); len(changes) > 0 {
		t.Errorf("kept until %s, now until %s", kept[0].WakeAt.Format(time.RFC3339Nano), changes[0].Discrepancy.WakeAt.Format(time.RFC3339Nano))
	}
}

// §5: nothing wakes without a cause. By timestamp no verdict turns at midnight
// after an end that is past.
func TestASuspicionWakesWhenItsGraceEndsAndNotAtMidnight(t *testing.T) {
	t.Parallel()
	w, d := plain(t)
	office := &d.Offices[0]
	office.Status, office.Group = reconcile.Returned, reconcile.Done
	office.CompletedAt.Time = at("2018-07-05", "10:00")
	out := w.rules.Compare(d)
	kept := keep(nil, w.rules.Advance(&out, nil))
	if want := at("2018-07-06", "10:00"); len(kept) != 1 || !kept[0].WakeAt.Equal(want) {
		t.Errorf("wakes at %s, not %s", kept[0].WakeAt, want)
	}
}

// §5: a discrepancy belongs to the department that the platform names; where it
// names none, somebody still has to correct it.
func TestWhereThePlatformNamesNoDepartmentTheOfficesCounts(t *testing.T) {
	t.Parallel()
	w, d := plain(t)
	d.Platform[0].Department = ""
	d.Offices[0].Status, d.Offices[0].Group = reconcile.Payment, reconcile.Paused
	out := w.rules.Compare(d)
	if out.Department != "KT" {
		t.Errorf("department %q", out.Department)
	}
}

// §5: the later updated_at. A mere day is taken as the end of that working day,
// and so is later than an hour of it.
func TestAMereDayAsUpdatedAtIsLaterThanAnHourOfIt(t *testing.T) {
	t.Parallel()
	w, d := plain(t)
	d.Platform[0].UpdatedAt.Time = at("2018-07-04", "10:00")
	d.Offices[0].UpdatedAt = reconcile.Moment{Time: at("2018-07-04", "00:00"), DateOnly: true}
	d.Offices[0].Status, d.Offices[0].Group = reconcile.Payment, reconcile.Paused
	out := w.rules.Compare(d)
	if want := at("2018-07-04", "17:00"); len(out.Findings) != 1 || !out.Findings[0].Since.Equal(want) {
		t.Errorf("since %s, not %s", out.Findings[0].Since, want)
	}
}

// §7: a waiver ends when the values it was given for change. What duplicate_code
// was waived for are all the rows, not only the one updated last.
func TestAWaivedDuplicateWhoseOlderRowChangesIsNoLongerWaived(t *testing.T) {
	t.Parallel()
	w, d := plain(t)
	older := d.Offices[0]
	older.Status, older.UpdatedAt.Time = reconcile.Received, early.Add(-time.Hour)
	d.Offices = append(d.Offices, older)
	out := w.rules.Compare(d)
	kept := keep(nil, w.rules.Advance(&out, nil))
	kept[0].State, kept[0].WaivedUntil, kept[0].WaivedValues = reconcile.StateWaived, at("2019-01-01", "00:00"), kept[0].Values
	d.Offices[1].DueAt.Time = at("2018-08-01", "17:00")
	out = w.rules.Compare(d)
	kept = keep(kept, w.rules.Advance(&out, kept))
	if kept[0].State != reconcile.StateOpen {
		t.Errorf("still %s, though another due date is in question", kept[0].State)
	}
}

// §8.3: of equal rows that tell no updated_at, it does not matter which came first,
// whenever each was read.
func TestEqualRowsReadAtDifferentTimesAreTheSameInAnyOrder(t *testing.T) {
	t.Parallel()
	w, d := plain(t)
	d.Offices = nil
	w.rules.Coverage.Offices["KT"] = []reconcile.Reading{{Complete: true, FullAt: at("2018-07-04", "08:00")}}
	first, second := d.Platform[0], d.Platform[0]
	first.UpdatedAt, second.UpdatedAt = reconcile.Moment{}, reconcile.Moment{}
	second.FirstReadAt = at("2018-07-05", "08:00")
	one := w.rules.Compare(&reconcile.Dossier{Platform: []reconcile.Record{first, second}})
	other := w.rules.Compare(&reconcile.Dossier{Platform: []reconcile.Record{second, first}})
	if one.Undecided != other.Undecided || len(one.Findings) != len(other.Findings) {
		t.Errorf("undecided %v %v, against %v %v", one.Undecided, one.Findings, other.Undecided, other.Findings)
	}
}

// §7: the service never overwrites what a person set: a discrepancy that was
// waived and is then acknowledged stays acknowledged.
func TestAcknowledgedAfterAWaiverStaysAcknowledged(t *testing.T) {
	t.Parallel()
	w, d := plain(t)
	d.Offices[0].Status, d.Offices[0].Group = reconcile.Payment, reconcile.Paused
	out := w.rules.Compare(d)
	kept := keep(nil, w.rules.Advance(&out, nil))
	waived, err := kept[0].Waive("lan", "agreed", at("2019-01-01", "00:00"), w.rules.AsOf)
	if err != nil {
		t.Fatal(err)
	}
	acknowledged, err := waived.Discrepancy.Acknowledge("lan", "seen to after all", w.rules.AsOf)
	if err != nil {
		t.Fatal(err)
	}
	kept = []reconcile.Discrepancy{acknowledged.Discrepancy}
	kept = keep(kept, w.rules.Advance(&out, kept))
	if diff := cmp.Diff([]reconcile.Kind{reconcile.PauseMismatch}, standingKinds(kept)); diff != "" || kept[0].State != reconcile.StateAcknowledged {
		t.Errorf("%s %s", kept[0].State, diff)
	}
}
