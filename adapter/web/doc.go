// Package web is the HTTP server of the daemon: the JSON API under /api/v1, the
// operations endpoints (/metrics, /-/healthy, /-/ready, /-/reload) and a plain
// page that leads to them.
//
// It decides nothing and knows neither the store nor the schedule: what an answer
// says comes from a Backend, whether the process is ready from a func, and the
// metrics from a handler, all of which cmd/internal/app hands in. It shows the
// fields that a mapping names and nothing else of a dossier; no citizen's data
// reaches it.
//
// Where to look:
//
//	every route, with what it is for      routes.go
//	bind, serve, stop; TLS, passwords     server.go, options.go
//	what stands before each handler       guard.go, middleware.go
//	what app implements                   backend.go
//	parameters, cursor, validators        query.go, cursor.go, etag.go
//	what an answer looks like             wire*.go, convert*.go, openapi.yaml
//	answers that are errors (RFC 9457)    problem.go
package web
