// Package database reads dossiers out of a foreign SQL database: the platform's
// or an office's land register, tracking system or the like.
//
// It only ever reads. A source's query must be a single SELECT (query.go says
// what is refused), runs in a read-only transaction where the database knows
// such a thing, and is always rolled back. It streams: a result of a million
// rows costs no more memory than one of ten. A failure on the source's side is
// never an end; Poll tells it by Cause and Reason, in which neither password
// nor connection string nor any value of a row can appear.
//
// It does not map: values leave it as text, the mapping decides what they mean.
// cmd/internal/app makes one Source for each database of the configuration.
//
// Where to look:
//
//	which statements are let through?       query.go, lex.go
//	what does a value look like as text?    cell.go
//	what is special about one database?     postgres.go, mysql.go, sqlite.go, sqlserver.go, oracle.go
//	why is the poll partial?                failure.go
//	chosen dossiers again?                  reread.go; visit.go is what it shares with a poll
package database
