// Package store keeps doisoat's own state on SQLite or PostgreSQL: what each
// source held in its last accepted snapshot, what it held before, snapshots with
// their verdicts, discrepancies with their events, runs, and what people need: accounts
// with sessions and API tokens, the audit trail, letters with what is delivered of them.
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
// What people do is in tables of its own:
//   - discrepancies: what a person sets on them (act.go); lists in four orders, each read
//     from an index of what stands (listing.go, listingorder.go, standing.go)
//   - day_counts: what each day ended with, for a trend (daycounts.go)
//   - accounts, sessions, api_tokens: of passwords and tokens only hashes, which the
//     caller makes (accounts.go, sessions.go, tokens.go)
//   - audit_entries: a chain of hashes; triggers refuse to change it, and settings note
//     its last entry (audit.go, auditverify.go)
//   - letters, letter_items, reminders: what was reminded of, how often (letters.go,
//     registration.go, reminders.go)
//   - deliveries: letters on their way over a channel, each under a lease (deliveries.go,
//     delivering.go)
//
// Whatever takes a list of departments gives nothing of others: nil is everybody's, an
// empty list nobody's. Who may see what is decided elsewhere. Moments are arguments;
// they are kept to a millisecond.
//
// Only the raw values of the fields that a mapping reads are kept of a source's
// row, so no citizen's data is stored. cmd/internal/app calls this package.
package store
