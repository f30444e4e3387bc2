package config

import (
	"fmt"
	"io"
)

// hiddenSecret stands for a secret wherever one would be printed.
const hiddenSecret = "<secret>"

// Secret is a text that must never be seen: every way of printing or encoding it
// gives "<secret>", or "" where it is empty. The one exception is encoding/json,
// which writes a map's keys as they are: never make one a key.
type Secret string

// Reveal gives the text itself, for handing it to the system it is meant for.
func (s Secret) Reveal() string { return string(s) }

// String hides the secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return hiddenSecret
}

// GoString hides the secret under %#v.
func (s Secret) GoString() string { return fmt.Sprintf("%q", s.String()) }

// Format hides the secret under every verb: %x and %q would go round String.
func (s Secret) Format(f fmt.State, verb rune) {
	if verb == 'q' || (verb == 'v' && f.Flag('#')) {
		_, _ = io.WriteString(f, s.GoString())
		return
	}
	_, _ = io.WriteString(f, s.String())
}

// MarshalText hides the secret in XML and other texts.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalJSON hides the secret in JSON.
func (s Secret) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, "%q", s.String()), nil }

// MarshalYAML hides the secret in YAML.
func (s Secret) MarshalYAML() (any, error) { return s.String(), nil }
