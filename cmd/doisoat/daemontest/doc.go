// Package daemontest runs the released program, `doisoat serve`, as people do: as
// processes of their own over a played world, on SQLite and on PostgreSQL, with
// Debian's Prometheus and Alertmanager beside them; and ends them in every way a
// process can end.
//
// It holds tests only and no program imports it. What one process does inside is
// tested in cmd/internal/app, what the rules and the dashboards say in deploy.
//
// Where to look:
//
//	from a clerk's change to the webhook       endtoend_test.go
//	how soon a change is told                  latency_test.go
//	several processes on one database          replicas_test.go
//	kill -9, over and over                     storm_test.go, clerks_test.go
//	what a state is, and when two are equal    state_test.go
//	no event lost, none doubled                history_test.go
//	restart, reload, stop, other zones         life_test.go
//	what is held back, and its release         guards_test.go
//	what it answers, to whom                   answers_test.go
//	a process under test                       process_test.go
//	the world it works on                      town_test.go
package daemontest
