// Package web is the HTTP server of the daemon: the JSON API under /api/v1, the
// operations endpoints (/metrics, /-/healthy, /-/ready, /-/reload), and the pages
// that it is given, or a plain one that leads to the rest.
//
// Before every route it asks who is there (Gate), what they may do (package access),
// and keeps in the audit trail what they change.
//
// It decides nothing and knows neither the store nor the schedule: what an answer
// says comes from a Backend, whether the process is ready from a func, and the
// metrics from a handler, all of which cmd/internal/app hands in. It shows the
// fields that a mapping names and nothing else of a dossier; no citizen's data
// reaches it.
//
// Where to look:
//
//	what a route is; all of them          route.go, routes.go; api*.go, operate.go
//	bind, serve, stop; TLS, passwords     server.go, options.go
//	what stands before each handler       guard.go, permit.go, audit.go, middleware.go
//	what app implements                   backend.go
//	parameters, cursor, validators        query.go, cursor.go, etag.go
//	bodies in, files out                  body.go, download.go
//	what an answer looks like             wire*.go, convert*.go, openapi.yaml
//	answers that are errors (RFC 9457)    problem.go
//	a backend for tests and for looking   webtest/
package web
