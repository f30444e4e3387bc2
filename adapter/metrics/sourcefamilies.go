package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

func sourceFamilies() []family {
	return []family{
		{
			name:   "doisoat_source_info",
			help:   "Always 1: a configured source with its side (platform or office), its protocol (http, database or workbook) and the departments it serves, one series each; department is empty for the platform. For joins.",
			kind:   prometheus.GaugeValue,
			labels: []string{"department", "protocol", "side", "source"},
			read: func(v *view, into *series) {
				for i := range v.sources {
					s := &v.sources[i]
					for _, d := range s.Departments {
						into.count(1, d, s.Protocol, string(s.Side), s.Name)
					}
				}
			},
		},
		{
			name:   "doisoat_source_up",
			help:   "1 where the source's last poll gave an accepted snapshot, else 0, also before its first poll. Discrepancies keep their values while it is 0.",
			kind:   prometheus.GaugeValue,
			labels: []string{"department", "source"},
			read: func(v *view, into *series) {
				for _, p := range v.pairs {
					into.truth(v.Sources[p.source].Up, p.department, p.source)
				}
			},
		},
		sourceMoment("doisoat_source_last_attempt_timestamp_seconds",
			"When the source was last polled, as Unix time in seconds, whatever came of it. Absent before the first poll.",
			func(s SourceState) time.Time { return s.LastAttempt }),
		sourceMoment("doisoat_source_last_success_timestamp_seconds",
			"When the last accepted snapshot of the source was taken, full or incremental, as Unix time in seconds. Absent before the first.",
			func(s SourceState) time.Time { return s.LastSuccess }),
		sourceMoment("doisoat_source_last_complete_timestamp_seconds",
			"When the last accepted full snapshot of the source was taken, as Unix time in seconds: since then dossiers can be said to be absent. Absent before the first.",
			func(s SourceState) time.Time { return s.LastComplete }),
		sourceMoment("doisoat_source_data_timestamp_seconds",
			"The newest change (updated_at) that the source told of, as Unix time in seconds. Absent where it tells of none.",
			func(s SourceState) time.Time { return s.DataAt }),
		sourceLimit("doisoat_source_poll_interval_seconds",
			"How often the source is to be polled, in seconds, as configured.",
			func(s *Source) time.Duration { return s.Interval }),
		sourceLimit("doisoat_source_max_data_age_seconds",
			"How old the source's newest change may be, in seconds, as configured. Absent where there is no such limit.",
			func(s *Source) time.Duration { return s.MaxDataAge }),
		{
			name:   "doisoat_source_records",
			help:   "Records in the source's last accepted snapshot.",
			kind:   prometheus.GaugeValue,
			labels: []string{"source"},
			read: func(v *view, into *series) {
				for i := range v.sources {
					into.count(v.Sources[v.sources[i].Name].Records, v.sources[i].Name)
				}
			},
		},
		{
			name:   "doisoat_source_unmapped_values",
			help:   "Values in the source's last accepted snapshot that its mapping does not know, by our name of the field: status or department.",
			kind:   prometheus.GaugeValue,
			labels: []string{"field", "source"},
			read: func(v *view, into *series) {
				for i := range v.sources {
					name := v.sources[i].Name
					if v.fill[fillUnmapped] {
						for _, field := range unmappedFields {
							into.count(0, field, name)
						}
					}
					for field, n := range v.Sources[name].Unmapped {
						if n != 0 {
							into.count(n, listed(mappedFields, field), name)
						}
					}
				}
			},
		},
		{
			name:   "doisoat_source_snapshots_held",
			help:   "Snapshots of the source that are complete but so small that they change nothing until somebody accepts them: doisoat snapshot accept ID.",
			kind:   prometheus.GaugeValue,
			labels: []string{"source"},
			read: func(v *view, into *series) {
				for i := range v.sources {
					name := v.sources[i].Name
					if held := v.Sources[name].SnapshotHeld; held != 0 || v.fill[fillHeld] {
						into.count(held, name)
					}
				}
			},
		},
	}
}

// sourceMoment is a moment of each source, as each of its departments sees it.
func sourceMoment(name, help string, of func(SourceState) time.Time) family {
	return family{
		name:   name,
		help:   help,
		kind:   prometheus.GaugeValue,
		labels: []string{"department", "source"},
		read: func(v *view, into *series) {
			for _, p := range v.pairs {
				into.moment(of(v.Sources[p.source]), p.department, p.source)
			}
		},
	}
}

// sourceLimit is a configured duration of each source; one of zero is none.
func sourceLimit(name, help string, of func(*Source) time.Duration) family {
	return family{
		name:   name,
		help:   help,
		kind:   prometheus.GaugeValue,
		labels: []string{"source"},
		read: func(v *view, into *series) {
			for i := range v.sources {
				if d := of(&v.sources[i]); d > 0 {
					into.add(d.Seconds(), v.sources[i].Name)
				}
			}
		},
	}
}
