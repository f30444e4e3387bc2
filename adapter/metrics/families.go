package metrics

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/doisoat/doisoat/reconcile"
)

// stateFamilies are all metrics of the State.
func stateFamilies() []family {
	return slices.Concat(discrepancyFamilies(), dossierFamilies(), sourceFamilies(), runFamilies(), outboxFamilies())
}

func discrepancyFamilies() []family {
	return []family{
		{
			name:   "doisoat_discrepancies",
			help:   "Discrepancies between platform and offices that stand now, by what they are (kind), the department they belong to, and state: suspected, open, acknowledged, waived, or unstable (changed at every look; counted under no other state).",
			kind:   prometheus.GaugeValue,
			labels: []string{"department", "kind", "state"},
			read: func(v *view, into *series) {
				for _, d := range v.departments {
					for _, k := range reconcile.Kinds {
						into.count(0, d, string(k), string(reconcile.StateOpen))
						if !v.fill[fillStates] {
							continue
						}
						for _, s := range shownStates {
							into.count(0, d, string(k), string(s))
						}
					}
				}
				for at, n := range v.Discrepancies {
					if n != 0 && at.State != reconcile.StateResolved {
						into.count(n, v.department(at.Department), listed(reconcile.Kinds, at.Kind), listed(shownStates, at.State))
					}
				}
			},
		},
		{
			name:   "doisoat_deadline_effects",
			help:   "Dossiers whose deadline a discrepancy misstates: false_overdue look late or overdue and are not, hidden_overdue are and do not look it.",
			kind:   prometheus.GaugeValue,
			labels: []string{"department", "effect"},
			read: func(v *view, into *series) {
				if v.fill[fillEffects] {
					for _, d := range v.departments {
						for _, e := range shownEffects {
							into.count(0, d, string(e))
						}
					}
				}
				for at, n := range v.Effects {
					if n != 0 && slices.Contains(shownEffects, at.Effect) {
						into.count(n, v.department(at.Department), string(at.Effect))
					}
				}
			},
		},
		{
			name:   "doisoat_discrepancies_past_correction_time",
			help:   "Discrepancies open for longer, in working time, than the correction time agreed with the departments.",
			kind:   prometheus.GaugeValue,
			labels: []string{"department", "kind"},
			read: func(v *view, into *series) {
				v.zeroKinds(into, fillPastCorrection)
				for at, n := range v.PastCorrection {
					if n != 0 {
						into.count(n, v.department(at.Department), listed(reconcile.Kinds, at.Kind))
					}
				}
			},
		},
		{
			name:   "doisoat_oldest_discrepancy_timestamp_seconds",
			help:   "Since when the oldest open discrepancy holds, as Unix time in seconds. Absent where none is open.",
			kind:   prometheus.GaugeValue,
			labels: []string{"department", "kind"},
			least:  true,
			read: func(v *view, into *series) {
				for at, since := range v.Oldest {
					into.moment(since, v.department(at.Department), listed(reconcile.Kinds, at.Kind))
				}
			},
		},
		totalFamily("doisoat_discrepancies_opened_total",
			"Discrepancies that became open since doisoat's database was made; kept over restarts.",
			fillOpened, func(t Totals) int64 { return t.Opened }),
		totalFamily("doisoat_discrepancies_resolved_total",
			"Discrepancies that were seen to hold no longer, since doisoat's database was made; kept over restarts.",
			fillResolved, func(t Totals) int64 { return t.Resolved }),
		totalFamily("doisoat_discrepancies_reopened_total",
			"Discrepancies that came back after having been resolved, since doisoat's database was made; kept over restarts.",
			fillReopened, func(t Totals) int64 { return t.Reopened }),
	}
}

// totalFamily is a counter that the store keeps. Where the budget leaves no room
// for zeros everywhere, those of a department and kind that ever had a discrepancy
// are still shown: what has opened will be resolved, and increase() must see it.
func totalFamily(name, help string, group filling, of func(Totals) int64) family {
	return family{
		name:   name,
		help:   help,
		kind:   prometheus.CounterValue,
		labels: []string{"department", "kind"},
		read: func(v *view, into *series) {
			v.zeroKinds(into, group)
			for at, t := range v.Totals {
				if n := of(t); n != 0 || group == fillResolved && t.Opened != 0 {
					into.add(float64(n), v.department(at.Department), listed(reconcile.Kinds, at.Kind))
				}
			}
		},
	}
}

// zeroKinds adds a zero for each department and kind, if the group is filled.
func (v *view) zeroKinds(into *series, group filling) {
	if !v.fill[group] {
		return
	}
	for _, d := range v.departments {
		for _, k := range reconcile.Kinds {
			into.count(0, d, string(k))
		}
	}
}

func dossierFamilies() []family {
	return []family{
		{
			name:   "doisoat_dossiers",
			help:   "Dossiers stored of a source, by canonical status; unmapped where the mapping does not know the source's own.",
			kind:   prometheus.GaugeValue,
			labels: []string{"source", "status"},
			read: func(v *view, into *series) {
				if v.fill[fillStatuses] {
					for i := range v.sources {
						into.count(0, v.sources[i].Name, unmapped)
						for _, s := range reconcile.Statuses {
							into.count(0, v.sources[i].Name, string(s))
						}
					}
				}
				for at, n := range v.Dossiers {
					if n != 0 && v.bySource[at.Source] != nil {
						into.count(n, at.Source, status(at.Status))
					}
				}
			},
		},
		perDepartment("doisoat_compared_dossiers",
			"Dossiers compared in the last run, by the department they belong to: the whole of which discrepancies are a part.",
			func(s *State) map[string]int { return s.Compared }),
		perDepartment("doisoat_uncovered_dossiers",
			"Dossiers of departments without a connected office: counted, never called missing.",
			func(s *State) map[string]int { return s.Uncovered }),
	}
}

// perDepartment is a gauge that every configured department always has.
func perDepartment(name, help string, of func(*State) map[string]int) family {
	return family{
		name:   name,
		help:   help,
		kind:   prometheus.GaugeValue,
		labels: []string{"department"},
		read: func(v *view, into *series) {
			for _, d := range v.departments {
				into.count(0, d)
			}
			for d, n := range of(v.State) {
				if n != 0 {
					into.count(n, v.department(d))
				}
			}
		},
	}
}
