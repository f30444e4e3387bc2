// Package mappings turns a source's raw values into canonical records by a
// table that a clerk can edit.
//
// A mapping file (YAML) says which column, JSON path or heading holds which
// field, how dates are written, and which status words mean which of the ten
// national statuses. Parse reports every fault of a file at once, with its
// line. Compile turns a file into a Table: Inputs are the raw values it needs
// from a source's row, and Record makes a reconcile.Record of them. A Table is
// safe for concurrent use. Nothing here reads a source or a clock.
package mappings
