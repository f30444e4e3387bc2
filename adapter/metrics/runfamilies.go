package metrics

import (
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

func runFamilies() []family {
	return []family{
		runMoment("doisoat_run_last_start_timestamp_seconds",
			"When the last run began, as Unix time in seconds. Absent before the first.",
			func(r RunState) time.Time { return r.LastStart }),
		runMoment("doisoat_run_last_success_timestamp_seconds",
			"When the last run that did its work ended, as Unix time in seconds. Absent before the first.",
			func(r RunState) time.Time { return r.LastSuccess }),
		runMoment("doisoat_run_next_timestamp_seconds",
			"When the next run is due, as Unix time in seconds. Absent where none is planned.",
			func(r RunState) time.Time { return r.Next }),
		{
			name:   "doisoat_run_in_progress",
			help:   "1 while a run goes on, else 0.",
			kind:   prometheus.GaugeValue,
			labels: []string{"run"},
			read: func(v *view, into *series) {
				for _, run := range Runs {
					into.truth(v.Runs[run].InProgress, string(run))
				}
			},
		},
		{
			name:   "doisoat_run_last_duration_seconds",
			help:   "How long each phase of the last run took, in seconds: poll, compare. Absent before the first.",
			kind:   prometheus.GaugeValue,
			labels: []string{"phase", "run"},
			read: func(v *view, into *series) {
				for _, run := range Runs {
					for phase, took := range v.Runs[run].Took {
						if slices.Contains(Phases, phase) {
							into.add(took.Seconds(), string(phase), string(run))
						}
					}
				}
			},
		},
		{
			name:   "doisoat_run_last_departments",
			help:   "Departments in the last run, by outcome: compared, or skipped because a source they need could not be read.",
			kind:   prometheus.GaugeValue,
			labels: []string{"outcome", "run"},
			read: func(v *view, into *series) {
				for _, run := range Runs {
					into.count(v.Runs[run].Compared, "compared", string(run))
					into.count(v.Runs[run].Skipped, "skipped", string(run))
				}
			},
		},
		{
			name: "doisoat_run_held",
			help: "Runs that the mass-change breaker holds back because so much would open at once; nothing of them is sent until somebody says: doisoat run release ID.",
			kind: prometheus.GaugeValue,
			read: func(v *view, into *series) { into.count(v.RunsHeld) },
		},
	}
}

func runMoment(name, help string, of func(RunState) time.Time) family {
	return family{
		name:   name,
		help:   help,
		kind:   prometheus.GaugeValue,
		labels: []string{"run"},
		read: func(v *view, into *series) {
			for _, run := range Runs {
				into.moment(of(v.Runs[run]), string(run))
			}
		},
	}
}

func outboxFamilies() []family {
	return []family{
		outboxCount("doisoat_outbox_pending",
			"Lists and letters that wait to be delivered to a department.",
			func(o OutboxState) int { return o.Pending }),
		outboxCount("doisoat_outbox_dead",
			"Lists and letters to a department that were given up after their last try.",
			func(o OutboxState) int { return o.Dead }),
		{
			name:   "doisoat_outbox_oldest_pending_timestamp_seconds",
			help:   "Since when the oldest list or letter waits to be delivered to a department, as Unix time in seconds. Absent where none waits.",
			kind:   prometheus.GaugeValue,
			labels: []string{"department"},
			least:  true,
			read: func(v *view, into *series) {
				for d, o := range v.Outbox {
					into.moment(o.OldestPending, v.department(d))
				}
			},
		},
	}
}

func outboxCount(name, help string, of func(OutboxState) int) family {
	return family{
		name:   name,
		help:   help,
		kind:   prometheus.GaugeValue,
		labels: []string{"department"},
		read: func(v *view, into *series) {
			if v.fill[fillOutbox] {
				for _, d := range v.departments {
					into.count(0, d)
				}
			}
			for d, o := range v.Outbox {
				if n := of(o); n != 0 {
					into.count(n, v.department(d))
				}
			}
		},
	}
}
