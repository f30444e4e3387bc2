package main

// department is for one department and whoever talks with it.
func department() dashboard {
	const of = `{job="$job", department="$department"`
	figure := func(title, description, expr string, thresholds object) panel {
		p := number(title, description, "short", orZero(expr), thresholds)
		p.w = 3
		return p
	}
	worse := func(colour string) object { return steps(nil, "green", 1, colour) }
	part := figure("Part open", "Of the dossiers compared, the part with an open discrepancy.",
		`sum(max by (kind) (doisoat_discrepancies`+of+`, state="open"})) / (max(doisoat_compared_dossiers`+of+`}) > 0)`, steps(nil, "green", 0.02, "yellow", 0.05, "red"))
	part.unit = "percentunit"
	return dashboard{
		uid: "doisoat-department", title: "doisoat / Department", refresh: "1m", from: "now-7d",
		description: "One department: what it has to correct, since when, and how its own sources are.",
		variables:   []object{queryVariable("department", "Department", `label_values(doisoat_compared_dossiers{job="$job"}, department)`)},
		sections: []section{
			{"Now", []panel{
				figure("Open", "Discrepancies that outlasted their grace.", `sum(max by (kind) (doisoat_discrepancies`+of+`, state="open"}))`, worse("yellow")),
				figure("Suspected", "Differences that may still right themselves within the grace period.", `sum(max by (kind) (doisoat_discrepancies`+of+`, state="suspected"}))`, nil),
				figure("Acknowledged or waived", "Somebody knows and sees to it, or says that it is right for now.", `sum(max by (kind, state) (doisoat_discrepancies`+of+`, state=~"acknowledged|waived"}))`, nil),
				figure("Past correction time", "Open for longer than agreed.", `sum(max by (kind) (doisoat_discrepancies_past_correction_time`+of+`}))`, worse("red")),
				figure("Falsely overdue", "Shown by the platform as late or overdue, and not so.", `max(doisoat_deadline_effects`+of+`, effect="false_overdue"})`, worse("yellow")),
				figure("Hidden lateness", "Late or overdue, and shown by the platform as on time.", `max(doisoat_deadline_effects`+of+`, effect="hidden_overdue"})`, worse("red")),
				figure("Compared", "Dossiers of this department that were compared in the last run.", `max(doisoat_compared_dossiers`+of+`})`, nil),
				part,
			}},
			{"Discrepancies", []panel{
				ranking("Open by kind", "Open discrepancies now.", "short", `max by (kind) (doisoat_discrepancies`+of+`, state="open"}) > 0`, "{{kind}}", steps(nil, "yellow")),
				ranking("Oldest open by kind", "For how long the oldest one has held.", "s",
					`time() - min by (kind) (doisoat_oldest_discrepancy_timestamp_seconds`+of+`})`, "{{kind}}", steps(nil, "green", 5*86400, "yellow", 10*86400, "red")),
				curves("By state", "All that stand, by state: suspected, open, acknowledged, waived, and unstable ones that change at every look.", "short",
					over(`sum by (state) (max by (kind, state) (doisoat_discrepancies`+of+`}))`, "{{state}}")).stacked(),
				curves("Opened against resolved", "How many opened, came back and were resolved in each hour or longer step.", "short",
					over(`sum(max by (kind) (increase(doisoat_discrepancies_opened_total`+of+`}[$__rate_interval])))`, "opened"),
					over(`sum(max by (kind) (increase(doisoat_discrepancies_reopened_total`+of+`}[$__rate_interval])))`, "reopened"),
					over(`sum(max by (kind) (increase(doisoat_discrepancies_resolved_total`+of+`}[$__rate_interval])))`, "resolved")).bars("1h"),
				curves("Deadlines", "Dossiers whose deadline the platform misstates.", "short",
					over(`max by (effect) (doisoat_deadline_effects`+of+`})`, "{{effect}}")),
				curves("Dossiers", "Compared in the last run, and those without a connected office.", "short",
					over(`max(doisoat_compared_dossiers`+of+`})`, "compared"), over(`max(doisoat_uncovered_dossiers`+of+`})`, "without an office")),
			}},
			{"Its sources and letters", []panel{
				timeline("Source health", "Whether the last poll of each of the department's sources was taken in.", over(`max by (source) (doisoat_source_up`+of+`})`, "{{source}}")),
				curves("Age of the data", "How old the newest change in each source is: a book that nobody keeps grows old.", "s",
					over(`time() - max by (source) (doisoat_source_data_timestamp_seconds`+of+`})`, "{{source}}")),
				curves("Waiting for delivery", "Lists and letters to this department that wait, or were given up.", "short",
					over(`max(doisoat_outbox_pending`+of+`})`, "waiting"), over(`max(doisoat_outbox_dead`+of+`})`, "given up")),
				curves("Deliveries", "Tries to deliver, and those that failed, in each hour or longer step.", "short",
					over(`sum by (channel) (increase(doisoat_deliveries_total`+of+`}[$__rate_interval]))`, "{{channel}}"),
					over(`sum by (channel) (increase(doisoat_delivery_failures_total`+of+`}[$__rate_interval]))`, "{{channel}} failed")).bars("1h"),
			}},
		},
	}
}
