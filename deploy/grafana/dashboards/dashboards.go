// Package dashboards holds doisoat's Grafana dashboards and tells what they ask of
// Prometheus, so that tests can ask a real one: with a day of made-up data here,
// and with the daemon's own in the test of all parts together. deploy/grafana/generate
// writes the JSON; Grafana reads it as files (deploy/grafana/provisioning).
package dashboards

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
)

//go:embed *.json
var files embed.FS

// Names lists the files of the dashboards, in alphabetical order.
func Names() ([]string, error) { return fs.Glob(files, "*.json") }

// Read gives a dashboard's JSON.
func Read(name string) ([]byte, error) { return files.ReadFile(name) }

// Query is one question of one panel.
type Query struct {
	Dashboard, Panel string // the file's name; the panel's title
	Expr             string // with Grafana's variables in it
	Instant          bool   // asked for one moment rather than for all those shown
	// EmptyBecause is why the answer may be empty though all is well; "" where an
	// empty answer means that the panel asks for what is not there.
	EmptyBecause string
}

// quiet are the panels that show nothing where nothing is wrong, or where a part of
// doisoat has nothing to do.
var quiet = map[string]string{
	"Alerts firing":                              "no alert fires",
	"Open by department and kind":                "nothing is open",
	"Open by kind":                               "nothing is open",
	"Oldest open":                                "nothing is open",
	"Oldest open by kind":                        "nothing is open",
	"Correction time":                            "nothing was corrected within the time shown",
	"Failed polls":                               "no poll failed",
	"Rejected records":                           "no record was rejected",
	"Refused snapshots":                          "no snapshot was refused",
	"Slow polls":                                 "no poll within the step, or too many sources for classic buckets",
	"How long polls take":                        "too many sources for classic buckets",
	"Longest wait in the outbox":                 "nothing waits",
	"Deliveries":                                 "nothing was delivered",
	"Waiting for delivery":                       "no delivery is configured",
	"Age of the data":                            "the sources tell no moment of change",
	"Last run by phase":                          "nothing has run",
	"Last nightly run":                           "no night has passed",
	"Nightly run took":                           "no night has passed",
	"Next nightly run":                           "none is planned",
	"Falsely overdue and hidden lateness":        "no deadline is misstated",
	"Part of the compared dossiers that is open": "nothing was compared",
	"Last success in poll intervals":             "no poll has succeeded",
}

// Queries lists what all panels of all dashboards ask.
func Queries() ([]Query, error) {
	names, err := Names()
	if err != nil {
		return nil, err
	}
	var all []Query
	for _, name := range names {
		data, err := Read(name)
		if err != nil {
			return nil, err
		}
		var d struct {
			Panels []struct {
				Title   string
				Targets []struct {
					Expr    string
					Instant bool
				}
			}
		}
		if err := json.Unmarshal(data, &d); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for _, p := range d.Panels {
			for _, t := range p.Targets {
				all = append(all, Query{name, p.Title, t.Expr, t.Instant, quiet[p.Title]})
			}
		}
	}
	return all, nil
}

// Values stand for Grafana's variables in an expression.
type Values struct {
	Job, Department string
	Source          string // a regular expression; "" stands for .*, Grafana's "All"
	RateInterval    string // such as 1m: four scrapes at least
	Range           string // the time shown, such as 1h
}

// Fill gives the expression as Grafana would send it.
func (q Query) Fill(v Values) string {
	if v.Source == "" {
		v.Source = ".*"
	}
	return strings.NewReplacer(
		"$__rate_interval", v.RateInterval, "$__range", v.Range,
		"$job", v.Job, "$department", v.Department, "$source", v.Source,
	).Replace(q.Expr)
}
