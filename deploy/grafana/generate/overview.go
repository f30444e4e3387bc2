package main

// overview is for whoever answers for the whole: what is wrong, where, since when,
// and whether what is shown can be trusted.
func overview() dashboard {
	ok := func(bad any) object { return steps(nil, "green", bad, "red") }
	matrix := table("Open by department and kind", "Open discrepancies now. A kind without any in a department is left out.", "short",
		row(`max by (department, kind) (doisoat_discrepancies{job="$job", state="open"}) > 0`))
	matrix.w, matrix.h = 24, 9
	matrix.transformations = []object{{"id": "groupingToMatrix", "options": object{"columnField": "kind", "rowField": "department", "valueField": "Value", "emptyValue": "empty"}}}
	alerts := table("Alerts firing", "What Prometheus says needs somebody now; deploy/RUNBOOK.md has a heading for each. Empty is good.", "short",
		row(`count by (alertname, severity, department, source, kind) (ALERTS{alertname=~"Doisoat.+", alertstate="firing", severity!="none"})`)).sized(24, 6)
	alerts.transformations = []object{{"id": "organize", "options": object{"excludeByName": object{"Time": true}, "indexByName": object{}, "renameByName": object{"Value": "alerts"}}}}

	return dashboard{
		uid: "doisoat-overview", title: "doisoat / Overview", refresh: "1m", from: "now-24h",
		description: "What platform and offices disagree about, by department, and whether the sources can be trusted.",
		sections: []section{
			{"Now", []panel{
				number("Open", "Discrepancies that outlasted their grace and wait for somebody to correct a system.", "short",
					`sum(max by (department, kind) (doisoat_discrepancies{job="$job", state="open"}))`, steps(nil, "green", 1, "yellow")),
				number("Past correction time", "Open for longer than agreed with the departments.", "short",
					orZero(`sum(max by (department, kind) (doisoat_discrepancies_past_correction_time{job="$job"}))`), ok(1)),
				number("Falsely overdue", "Dossiers that the platform shows as late or overdue and that are not.", "short",
					orZero(`sum(max by (department) (doisoat_deadline_effects{job="$job", effect="false_overdue"}))`), steps(nil, "green", 1, "yellow")),
				number("Hidden lateness", "Dossiers that are late or overdue and that the platform shows as on time.", "short",
					orZero(`sum(max by (department) (doisoat_deadline_effects{job="$job", effect="hidden_overdue"}))`), ok(1)),
				number("Sources down", "Sources whose last poll gave nothing that could be taken in.", "short",
					orZero(`count(max by (source) (doisoat_source_up{job="$job"}) == 0)`), ok(1)),
				number("Last nightly run", "When everything was last read and compared. Red after 26 hours.", "s",
					`time() - max(doisoat_run_last_success_timestamp_seconds{job="$job", run="nightly"})`, ok(26*3600)),
				alerts,
			}},
			{"Discrepancies", []panel{
				matrix.linked("${__data.fields[0]}"),
				curves("Open by kind", "Open discrepancies over time.", "short",
					over(`sum by (kind) (max by (department, kind) (doisoat_discrepancies{job="$job", state="open"}))`, "{{kind}}")).stacked(),
				curves("Opened against resolved", "How many opened, came back and were resolved in each hour or longer step. Equal is a standstill.", "short",
					over(`sum(max by (department, kind) (increase(doisoat_discrepancies_opened_total{job="$job"}[$__rate_interval])))`, "opened"),
					over(`sum(max by (department, kind) (increase(doisoat_discrepancies_reopened_total{job="$job"}[$__rate_interval])))`, "reopened"),
					over(`sum(max by (department, kind) (increase(doisoat_discrepancies_resolved_total{job="$job"}[$__rate_interval])))`, "resolved")).bars("1h"),
				ranking("Falsely overdue and hidden lateness", "By department: what the platform's table says too much, and what it does not say.", "short",
					`sum by (department, effect) (max by (department, effect) (doisoat_deadline_effects{job="$job"})) > 0`, "{{department}} {{effect}}", steps(nil, "orange")).linked("${__field.labels.department}"),
				ranking("Oldest open", "For how long the oldest open discrepancy of each department has held.", "s",
					`time() - min by (department) (doisoat_oldest_discrepancy_timestamp_seconds{job="$job"})`, "{{department}}", steps(nil, "green", 5*86400, "yellow", 10*86400, "red")).linked("${__field.labels.department}"),
				ranking("Part of the compared dossiers that is open", "By department. More than 5 % points to a source or a mapping rather than to people.", "percentunit",
					`sum by (department) (max by (department, kind) (doisoat_discrepancies{job="$job", state="open"})) / (max by (department) (doisoat_compared_dossiers{job="$job"}) > 0)`, "{{department}}",
					steps(nil, "green", 0.02, "yellow", 0.05, "red")).linked("${__field.labels.department}"),
				ranking("Correction time", "Working time from open to resolved within the time shown: the median of each kind. A working day has 8 hours.", "s",
					`histogram_quantile(0.5, sum by (kind, le) (increase(doisoat_correction_duration_seconds_bucket{job="$job"}[$__range]))) >= 0`, "{{kind}}", steps(nil, "blue")),
			}},
			{"Can it be trusted", []panel{
				timeline("Source health", "Whether each source's last poll was taken in. While a source is down its discrepancies stay as they were.",
					over(`max by (source) (doisoat_source_up{job="$job"})`, "{{source}}")),
				ranking("Dossiers without a connected office", "By department: counted, never called missing.", "short",
					`max by (department) (doisoat_uncovered_dossiers{job="$job"})`, "{{department}}", steps(nil, "text")).linked("${__field.labels.department}"),
				number("Departments compared", "In the last nightly run.", "short", `max(doisoat_run_last_departments{job="$job", run="nightly", outcome="compared"})`, nil),
				number("Departments skipped", "In the last nightly run, since a source they need could not be read.", "short",
					`max(doisoat_run_last_departments{job="$job", run="nightly", outcome="skipped"})`, ok(1)),
				number("Nightly run took", "The last one, in all its phases.", "s", `sum(max by (phase) (doisoat_run_last_duration_seconds{job="$job", run="nightly"}))`, nil),
				number("Next nightly run", "When it is due.", "dateTimeFromNow", `max(doisoat_run_next_timestamp_seconds{job="$job", run="nightly"}) * 1000`, nil),
				number("Runs held", "By the mass-change breaker, until somebody says: doisoat run release ID.", "short", `max(doisoat_run_held{job="$job"})`, ok(1)),
				number("Snapshots held", "Far smaller than before, until somebody says: doisoat snapshot accept ID.", "short", orZero(`sum(max by (source) (doisoat_source_snapshots_held{job="$job"}))`), ok(1)),
			}},
		},
	}
}
