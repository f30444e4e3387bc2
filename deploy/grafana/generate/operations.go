package main

// operations is for whoever runs doisoat.
func operations() dashboard {
	const of = `{job="$job", source=~"$source"`
	latency := panel{
		kind: "heatmap", title: "How long polls take", description: "Every poll of the chosen sources by how long it took.", unit: "s", w: 12, h: 8,
		targets: []object{over(`sum by (le) (increase(doisoat_source_poll_duration_seconds_bucket`+of+`}[$__rate_interval]))`, "{{le}}")},
		options: object{
			"calculate": false, "cellGap": 1, "showValue": "never", "yAxis": object{"axisPlacement": "left", "unit": "s", "reverse": false},
			"color":  object{"mode": "scheme", "scheme": "Oranges", "steps": 64, "exponent": 0.5, "fill": "dark-orange", "reverse": false},
			"legend": object{"show": true}, "tooltip": object{"mode": "single", "yHistogram": false, "showColorScale": false},
			"filterValues": object{"le": 1e-9}, "exemplars": object{"color": "rgba(255,0,255,0.7)"}, "rowsFrame": object{"layout": "auto"},
		},
		defaults: object{"custom": object{"scaleDistribution": object{"type": "linear"}}},
	}
	latency.targets[0]["format"] = "heatmap"
	return dashboard{
		uid: "doisoat-operations", title: "doisoat / Operations", refresh: "30s", from: "now-6h",
		description: "Polls, rejects, runs, deliveries, HTTP and the process.",
		variables:   []object{many(queryVariable("source", "Source", `label_values(doisoat_source_info{job="$job"}, source)`))},
		sections: []section{
			{"Polling", []panel{
				curves("Polls", "Polls a second that ended, whatever came of them.", "reqps",
					over(`sum by (source, mode) (rate(doisoat_source_polls_total`+of+`}[$__rate_interval]))`, "{{source}} {{mode}}")),
				curves("Failed polls", "Polls in each step that failed or stopped short, by reason.", "short",
					over(`sum by (source, reason) (increase(doisoat_source_poll_failures_total`+of+`}[$__rate_interval])) > 0`, "{{source}} {{reason}}")).bars("1m"),
				latency,
				curves("Slow polls", "95 of 100 polls took no longer.", "s",
					over(`histogram_quantile(0.95, sum by (source, le) (rate(doisoat_source_poll_duration_seconds_bucket`+of+`}[$__rate_interval])))`, "{{source}}")),
				curves("Last success in poll intervals", "How many of its own poll intervals ago each source was last read; above 3 DoisoatSourceStale fires.", "short",
					over(`(time() - max by (source) (doisoat_source_last_success_timestamp_seconds`+of+`})) / max by (source) (doisoat_source_poll_interval_seconds`+of+`})`, "{{source}}")),
				curves("Requests to the sources", "Round trips a second, retries included, by how they were answered.", "reqps",
					over(`sum by (source, code) (rate(doisoat_source_requests_total`+of+`}[$__rate_interval]))`, "{{source}} {{code}}")),
			}},
			{"What the sources give", []panel{
				curves("Records", "In each source's last accepted snapshot.", "short", over(`max by (source) (doisoat_source_records`+of+`})`, "{{source}}")),
				curves("Stored dossiers by status", "Of the chosen sources; unmapped are those whose status the mapping does not know.", "short",
					over(`sum by (status) (max by (source, status) (doisoat_dossiers`+of+`})) > 0`, "{{status}}")).stacked(),
				curves("Rejected records", "Records in each step that could not be taken in, by reason.", "short",
					over(`sum by (source, reason) (increase(doisoat_source_records_rejected_total`+of+`}[$__rate_interval])) > 0`, "{{source}} {{reason}}")).bars("1m"),
				curves("Unmapped values", "In each source's last accepted snapshot, by field.", "short",
					over(`max by (source, field) (doisoat_source_unmapped_values`+of+`})`, "{{source}} {{field}}")),
				curves("Refused snapshots", "In each step, by reason: partial, empty, shrunk.", "short",
					over(`max by (source, reason) (sum without (instance, pod) (increase(doisoat_source_snapshots_refused_total`+of+`}[$__rate_interval]))) > 0`, "{{source}} {{reason}}")).bars("1m"),
				timeline("Source health", "Whether each source's last poll was taken in.", over(`max by (source) (doisoat_source_up`+of+`})`, "{{source}}")),
			}},
			{"Runs and deliveries", []panel{
				curves("Runs", "That ended in each step, by what set them going.", "short",
					over(`sum by (run) (increase(doisoat_runs_total{job="$job"}[$__rate_interval]))`, "{{run}}")).bars("10m"),
				curves("Failed runs", "In each step, by reason.", "short",
					over(`sum by (run, reason) (increase(doisoat_run_failures_total{job="$job"}[$__rate_interval]))`, "{{run}} {{reason}}")).bars("10m"),
				curves("Last run by phase", "How long each phase of the last run took.", "s",
					over(`max by (run, phase) (doisoat_run_last_duration_seconds{job="$job"})`, "{{run}} {{phase}}")),
				curves("Runs in progress", "1 while a run goes on.", "short", over(`max by (run) (doisoat_run_in_progress{job="$job"})`, "{{run}}")),
				curves("Outbox", "Lists and letters that wait, or were given up, in all departments.", "short",
					over(`sum(max by (department) (doisoat_outbox_pending{job="$job"}))`, "waiting"), over(`sum(max by (department) (doisoat_outbox_dead{job="$job"}))`, "given up")),
				curves("Longest wait in the outbox", "How long the oldest list or letter of each department has waited; none where nothing waits.", "s",
					over(`time() - max by (department) (doisoat_outbox_oldest_pending_timestamp_seconds{job="$job"})`, "{{department}}")),
			}},
			{"doisoat itself", []panel{
				curves("HTTP requests", "Requests a second that doisoat answered, by handler and status.", "reqps",
					over(`sum by (handler, code) (rate(doisoat_http_requests_total{job="$job"}[$__rate_interval]))`, "{{handler}} {{code}}")),
				curves("Scrapes", "How long Prometheus waits for each replica's metrics.", "s", over(`scrape_duration_seconds{job="$job"}`, "{{instance}}")),
				curves("Processor", "Cores in use.", "short", over(`rate(process_cpu_seconds_total{job="$job"}[$__rate_interval])`, "{{instance}}")),
				curves("Memory", "Resident, and what Go's heap holds of it.", "bytes",
					over(`process_resident_memory_bytes{job="$job"}`, "{{instance}} resident"), over(`go_memstats_heap_inuse_bytes{job="$job"}`, "{{instance}} heap")),
				curves("Goroutines and files", "Either growing without end is a leak.", "short",
					over(`go_goroutines{job="$job"}`, "{{instance}} goroutines"), over(`process_open_fds{job="$job"}`, "{{instance}} files")),
				table("Versions", "What each replica runs, and whether its configuration was loaded without a fault.", "short",
					row(`doisoat_build_info{job="$job"} * on (job, instance) group_left () doisoat_config_last_reload_successful{job="$job"}`)),
			}},
		},
	}
}
