// Package store keeps doisoat's own state on SQLite or PostgreSQL: what each
// source held in its last accepted snapshot, what it held before, snapshots with
// their verdicts, discrepancies with their events, and runs.
//
// Both databases have the same tables and run the same statements; dialect.go
// holds the few differences, migrations/ the schema, storetest one suite for
// both. The rows of the sources are kept packed, some hundred of them in a block
// (block.go), since a row a dossier would make a million dossiers a side cost
// minutes instead of seconds; DECISIONS.md has the figures. What incremental polls
// change stands beside the blocks, row by row, until the next full poll (loose.go),
// so that a poll costs what changed and not what is stored. Everything people
// query (discrepancies, events, snapshots, runs) is in plain columns.
//
// Only the raw values of the fields that a mapping reads are kept of a source's
// row, so no citizen's data is stored. cmd/internal/app calls this package.
package store
