package mappings

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"slices"
	"strings"
)

// digestVersion changes whenever the code that derives keys or records changes
// its answers for the same file.
const digestVersion = "1"

// Layout is a digest of what decides the raw values that are stored and the
// key they are stored under: the inputs, and how code and aliases come from
// them. Rows stored under another layout have to be read from the source anew.
func (t *Table) Layout() string {
	h := sha256.New()
	t.writeLayout(h)
	return sum(h)
}

// Digest is a digest of everything that influences Record. When it changes,
// what is stored has to be mapped and compared again. It does not depend on the
// order of keys, on comments or on the file's name.
func (t *Table) Digest() string {
	h := sha256.New()
	s := t.spec
	t.writeLayout(h)
	write(h, "options", t.options.Source, string(t.options.Side), t.options.Department, t.dates.wall.zone.String())
	for f := range fieldCount {
		t.writeOrigins(h, f)
	}
	for _, l := range s.layouts {
		write(h, "layout", l.pattern)
	}
	write(h, append([]string{"missing"}, slices.Sorted(slices.Values(s.missing))...)...)
	for _, key := range slices.Sorted(maps.Keys(s.statuses)) {
		status := s.statuses[key].status
		write(h, "status", key, string(status), string(s.group(status)))
	}
	for _, key := range slices.Sorted(maps.Keys(s.departments)) {
		write(h, "department", key, s.departments[key].code)
	}
	for _, key := range slices.Sorted(maps.Keys(s.channels)) {
		write(h, "channel", key, string(s.channels[key].channel))
	}
	for _, f := range s.skip {
		write(h, "skip", f.String())
	}
	return sum(h)
}

func (t *Table) writeLayout(h hash.Hash) {
	write(h, append([]string{"version", digestVersion, "inputs"}, t.spec.inputs...)...)
	t.writeOrigins(h, fieldCode)
	t.writeOrigins(h, fieldAliases)
}

func (t *Table) writeOrigins(h hash.Hash, f field) {
	for _, o := range t.spec.fields[f] {
		write(h, "origin", f.String(), o.describe(t.spec.inputs))
	}
}

// write adds one line; lengths keep neighbouring texts apart.
func write(h hash.Hash, parts ...string) {
	var b strings.Builder
	for _, p := range parts {
		fmt.Fprintf(&b, "%d:%s,", len(p), p)
	}
	b.WriteByte('\n')
	h.Write([]byte(b.String())) // a hash never fails
}

func sum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)[:16]) }
