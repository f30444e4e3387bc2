package config

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Redacted is the configuration as it is in force, as YAML to look at: defaults
// filled in, paths absolute, secrets hidden. It cannot be loaded again.
func (c Config) Redacted() string {
	text, err := yaml.Dump(c.printed())
	if err != nil {
		return "configuration " + c.File + ": cannot be shown: " + err.Error()
	}
	return string(text)
}

// String is Redacted.
func (c Config) String() string { return c.Redacted() }

// Format writes Redacted under every verb, so that no %+v shows a secret.
func (c Config) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.Redacted()) }

// MarshalJSON hides secrets.
func (c Config) MarshalJSON() ([]byte, error) { return json.Marshal(c.printed()) }

// MarshalYAML hides secrets.
func (c Config) MarshalYAML() (any, error) { return c.printed(), nil }

// String shows one source with its secrets hidden.
func (s Source) String() string {
	text, err := yaml.Dump(s.printed())
	if err != nil {
		return "source " + s.Name + ": cannot be shown: " + err.Error()
	}
	return strings.TrimSuffix(string(text), "\n")
}

// Format writes String under every verb.
func (s Source) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// MarshalJSON hides secrets.
func (s Source) MarshalJSON() ([]byte, error) { return json.Marshal(s.printed()) }

// MarshalYAML hides secrets.
func (s Source) MarshalYAML() (any, error) { return s.printed(), nil }

// String shows where the store is, without its credentials.
func (s Store) String() string {
	if s.Driver == "sqlite" {
		return "sqlite:" + s.Path
	}
	return s.URL.String()
}

// String shows where the provider is.
func (o OIDC) String() string { return "oidc at " + o.Issuer }

// Format writes String under every verb.
func (o OIDC) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, o.String()) }
