// Package world plays what doisoat is pointed at: a province's dossier
// platform over real HTTP, and the records of its departments as databases,
// tracking books and exports. It also knows the truth about them.
//
// It is for `doisoat demo`, for tests and for benchmarks. Nothing in the
// product reads foreign systems through it, and it decides nothing for doisoat:
// its oracle is written a second time, naively, so that it can be compared with
// what package reconcile says.
//
// Where to look:
//
//	the quarter of the report, embedded            sample.go
//	one side's record and how each system says it  record.go, national.go, opencps.go, book.go, land.go
//	the platform and its three interfaces          platform.go, page.go, opencps.go, dvcqg.go
//	what may go wrong with it, to order            fault.go, strike.go
//	the offices' files: write, read, change        office.go, csv.go, xlsx.go, sqlite.go
//	what is true, and by which rule                oracle.go, verdict.go, worktime.go
//	other worlds, with their truth                 generate.go, invent.go, plant.go, write.go
//	a million dossiers for the benchmark           bench.go
package world
