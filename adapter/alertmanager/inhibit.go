package alertmanager

import "strings"

// The alerts of deploy/prometheus/doisoat.rules.yaml that are named here; a test
// holds that they are there.
const (
	down           = "DoisoatDown"
	watchdog       = "DoisoatWatchdog"
	platformDown   = "DoisoatPlatformDown"
	sourceDown     = "DoisoatSourceDown"
	sourceStale    = "DoisoatSourceStale"
	dataStale      = "DoisoatSourceDataStale"
	refused        = "DoisoatSnapshotRefused"
	open           = "DoisoatMismatchesOpen"
	pastCorrection = "DoisoatMismatchesPastCorrectionTime"
	hiddenOverdue  = "DoisoatHiddenOverdue"
	surge          = "DoisoatMismatchSurge"
	missed         = "DoisoatNightlyRunMissed"
	incomplete     = "DoisoatNightlyRunIncomplete"
)

// inhibitRules say what is not told while something worse holds. None lets an
// alert silence itself, and none silences the watchdog: that it arrives is its
// whole message.
func inhibitRules() []inhibitRule {
	mismatches := []string{open, pastCorrection, hiddenOverdue, surge}
	return []inhibitRule{
		{
			Source: []text{one(down)},
			Target: []text{matcherRegexp("alertname", "Doisoat.+"), text(`alertname!~"` + down + "|" + watchdog + `"`)},
		},
		{Source: []text{one(platformDown)}, Target: []text{anyOf(append(mismatches, missed, incomplete)...)}},
		// The platform has no department: without it, all departments' mismatches rest on
		// what is old.
		{Source: []text{one(sourceStale), `department=""`}, Target: []text{anyOf(mismatches...)}},
		{Source: []text{anyOf(sourceDown, sourceStale, refused), `department!=""`}, Target: []text{anyOf(mismatches...)}, Equal: []string{"department"}},
		{Source: []text{anyOf(platformDown, sourceDown)}, Target: []text{anyOf(sourceStale, dataStale)}, Equal: []string{"source", "department"}},
		{Source: []text{one(pastCorrection)}, Target: []text{one(open)}, Equal: []string{"department", "kind"}},
		{Source: []text{one(missed), `severity="critical"`}, Target: []text{one(missed), `severity="warning"`}},
	}
}

func one(alert string) text { return matcher("alertname", alert) }

func anyOf(alerts ...string) text { return matcherRegexp("alertname", strings.Join(alerts, "|")) }
