package jobs

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSlotsDoNotDependOnTheStart(t *testing.T) {
	const every = 15 * time.Minute
	shift := shift("dvc-hue", every)
	now := at(t, "2018-07-02T08:00:00+07:00")
	slot := slotAt(now, every, shift)
	if slot.After(now) || now.Sub(slot) >= every {
		t.Fatalf("slot %s at %s", slot, now)
	}
	for _, later := range []time.Duration{0, time.Second, every - now.Sub(slot) - time.Millisecond} {
		if got := slotAt(now.Add(later), every, shift); !got.Equal(slot) {
			t.Errorf("%s later: slot %s, want %s", later, got, slot)
		}
	}
	if got := slotAt(slot.Add(every), every, shift); !got.Equal(slot.Add(every)) {
		t.Errorf("a period later: slot %s", got)
	}
}

func TestSourcesAreSpreadOverTheirPeriod(t *testing.T) {
	const every, sources, parts = 10 * time.Minute, 400, 10
	var seen [parts]int
	for i := range sources {
		s := shift(fmt.Sprintf("office-%d", i), every)
		if s < 0 || s >= every {
			t.Fatalf("shift %s of %s", s, every)
		}
		seen[s*parts/every]++
	}
	for part, n := range seen {
		if n < sources/parts/2 || n > sources/parts*2 {
			t.Errorf("part %d of the period has %d of %d sources", part, n, sources)
		}
	}
}

func TestPlanFaultsAreToldAtOnce(t *testing.T) {
	_, err := Plan{Zone: vietnam(t), Nightly: "0 1 * *", Sources: []SourcePlan{
		{Name: "a", Every: time.Millisecond}, {Name: "b", Every: time.Minute, Full: "x"}, {Name: "b"}, {Name: ""},
	}}.read()
	if err == nil {
		t.Fatal("it was taken")
	}
	for _, want := range []string{"nightly", "source a: every 1ms", `source b: jobs: cron "x"`, `source "b": its name`, `source ""`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in:\n%s", want, err)
		}
	}
	if _, err := (Plan{}).read(); err == nil {
		t.Error("a plan without a zone was taken")
	}
}

func TestFullPollsOfTheNightlyRunAreNotAskedForTwice(t *testing.T) {
	table, err := Plan{Zone: vietnam(t), Nightly: "0 1 * * *", Sources: []SourcePlan{
		{Name: "with the night", Every: time.Hour, Full: "0  1 * * *"},
		{Name: "by the night alone", Every: time.Hour},
		{Name: "on its own", Every: time.Hour, Full: "30 12 * * *"},
		{Name: "when asked", Every: 0},
	}}.read()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, task := range table.tasks(at(t, "2018-07-02T08:00:00+07:00")) {
		got = append(got, fmt.Sprintf("%s %s %t", task.key.kind, task.key.source, task.key.full))
	}
	want := []string{"reconcile  false", "poll with the night false", "poll by the night alone false", "poll on its own false", "poll on its own true"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tasks (-want +got):\n%s", diff)
	}
}

func TestWhichNightlyRunIsDue(t *testing.T) {
	tests := []struct{ name, now, made, want string }{
		{"a new installation has its first at once", "2018-07-02T15:00:00+07:00", "", "2018-07-02"},
		{"before the first tick too", "2018-07-02T00:30:00+07:00", "", "2018-07-01"},
		{"made", "2018-07-02T15:00:00+07:00", "2018-07-02", ""},
		{"yesterday's, before the tick", "2018-07-02T00:59:59+07:00", "2018-07-01", ""},
		{"yesterday's, at the tick", "2018-07-02T01:00:00+07:00", "2018-07-01", "2018-07-02"},
		{"restarted at half past two", "2018-07-02T02:30:00+07:00", "2018-07-01", "2018-07-02"},
		{"a week missed: one run, not seven", "2018-07-09T08:00:00+07:00", "2018-07-02", "2018-07-09"},
		{"made by a clock that ran ahead", "2018-07-02T02:30:00+07:00", "2030-01-01", "2018-07-02"},
		{"made, and set back before the tick", "2018-07-02T00:30:00+07:00", "2018-07-02", ""},
		{"the day in Vietnam, not in UTC", "2018-07-01T18:10:00Z", "2018-07-01", "2018-07-02"},
	}
	table, err := Plan{Zone: vietnam(t), Nightly: "0 1 * * *"}.read()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := table.nightlyDue(at(t, test.now), test.made); got != test.want {
				t.Errorf("due: %q, want %q", got, test.want)
			}
		})
	}
	none, err := Plan{Zone: vietnam(t)}.read()
	if err != nil {
		t.Fatal(err)
	}
	if got := none.nightlyDue(time.Now(), ""); got != "" {
		t.Errorf("without a nightly run %q is due", got)
	}
}

func TestPollIsDue(t *testing.T) {
	slot := at(t, "2018-07-02T08:00:00+07:00")
	now := slot.Add(3 * time.Second)
	tests := []struct {
		name    string
		attempt int
		last    time.Time
		want    bool
	}{
		{"never polled", 1, time.Time{}, true},
		{"polled before the slot", 1, slot.Add(-time.Second), true},
		{"polled at the slot", 1, slot, false},
		{"polled since", 1, slot.Add(2 * time.Second), false},
		{"polled since, by a clock slightly ahead", 1, now.Add(30 * time.Second), false},
		{"polled in the future: the clock was set back", 1, now.Add(time.Hour), true},
		{"begun and not finished", 2, slot.Add(2 * time.Second), true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := (PollJob{Slot: slot, Attempt: test.attempt}).Due(test.last, now); got != test.want {
				t.Errorf("due: %t", got)
			}
		})
	}
}

func TestBackOff(t *testing.T) {
	var got []time.Duration
	for _, attempt := range []int{1, 2, 3, 6, 7, 100} {
		got = append(got, patient(attempt))
	}
	want := []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 32 * time.Second, time.Minute, time.Minute}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
