// Package reconcile decides where a province's dossier platform and its
// departments' own records disagree, since when, and what that does to the
// deadline.
//
// Everything in it is a pure function of records, a calendar, the rules and a
// moment as_of. It reads no clock, no file, no network and no database, and it
// logs nothing; it imports the standard library only. The adapters bring
// records in (Source, Sink) and keep what was decided; cmd/internal/app joins
// the two.
//
// Where to look:
//
//	why is this dossier on the list?     compare.go (the kinds, in their order)
//	which two records were compared?     pair.go
//	late or on time, by whose account?   deadline.go
//	since when, and is it open yet?      grace.go
//	reopened, closed backdated           history.go
//	what became of it                    lifecycle.go
//	may this snapshot be believed?       snapshot.go
//	the quarter's table                  tally.go
//	form II.06a                          form.go
//	the dossiers behind a figure         cells.go
//	what the report says in words        findings.go, sentences.go
//	how a finding is worded              wording.go, correction.go, labelsen.go
package reconcile
