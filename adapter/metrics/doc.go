// Package metrics holds all of doisoat's Prometheus metrics, under the names
// that METRICS.md lists.
//
// Gauges, and the counters that outlive the process, are what the last run or
// poll left in memory: one State, given by Set, of which a Collector makes const
// metrics. Event counters and histograms are recorded as things happen. A scrape
// therefore touches neither a source nor the database, and costs the same for a
// thousand dossiers as for a million: what a State looks like on the wire is
// encoded once and kept until a value in it changes.
//
// No label value comes from the data: departments that the configuration does not
// name count as "other", and reasons, codes, kinds and statuses are those of lists
// known when the program was built. How much is shown as zero before it ever
// happened depends on the configuration alone, and keeps within SeriesBudget
// (fill.go).
//
// The package decides nothing, reads no clock, logs nothing and knows neither
// store nor schedule: cmd/internal/app feeds it plain values.
package metrics
