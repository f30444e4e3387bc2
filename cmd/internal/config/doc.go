// Package config reads doisoat's configuration file: which platform, which
// offices, by which rules, and where doisoat keeps its own state.
//
// Load resolves everything there is to resolve (paths made absolute, secrets
// read from their files, defaults filled in) and checks everything that can be
// checked without asking another system. It reports all faults of a file at
// once, each with its line, the key's path, what is wrong and what would be
// right. It opens no connection, and it does not parse mappings: it only sees to
// it that their files are there.
//
// A loaded Config holds secrets. Whatever way it is printed, it shows <secret>
// in their place; no fault ever quotes one. The adapters' own configurations
// inside it (Source.REST, Source.Database) are plain values and must not be
// printed by themselves.
//
// The commands call it, through cmd/internal/app.
//
// Where to look:
//
//	which keys are there?           root.go, source.go, http.go, list.go, auth.go
//	how strict is the YAML?         document.go
//	how is a key read and refused?  section.go, value.go
//	what does a fault look like?    fault.go
//	where do secrets come from?     secretfile.go, freeform.go
package config
