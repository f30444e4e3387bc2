package alertmanager

import (
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// The types below mirror Alertmanager's configuration file as far as it is written
// here.

type config struct {
	Global        *global        `yaml:"global,omitempty"`
	Templates     []text         `yaml:"templates,omitempty"`
	Route         route          `yaml:"route"`
	InhibitRules  []inhibitRule  `yaml:"inhibit_rules"`
	Receivers     []receiver     `yaml:"receivers"`
	TimeIntervals []timeInterval `yaml:"time_intervals,omitempty"`
}

type global struct {
	Smarthost    text `yaml:"smtp_smarthost"`
	From         text `yaml:"smtp_from"`
	Username     text `yaml:"smtp_auth_username,omitempty"`
	PasswordFile text `yaml:"smtp_auth_password_file,omitempty"`
	RequireTLS   bool `yaml:"smtp_require_tls"`
}

type route struct {
	Matchers       []text   `yaml:"matchers,omitempty"`
	Receiver       text     `yaml:"receiver"`
	Continue       bool     `yaml:"continue,omitempty"`
	GroupBy        []string `yaml:"group_by,omitempty,flow"`
	GroupWait      duration `yaml:"group_wait,omitempty"`
	GroupInterval  duration `yaml:"group_interval,omitempty"`
	RepeatInterval duration `yaml:"repeat_interval,omitempty"`
	Active         []string `yaml:"active_time_intervals,omitempty,flow"`
	Mute           []string `yaml:"mute_time_intervals,omitempty,flow"`
	Routes         []route  `yaml:"routes,omitempty"`
}

type inhibitRule struct {
	Source []text   `yaml:"source_matchers"`
	Target []text   `yaml:"target_matchers"`
	Equal  []string `yaml:"equal,omitempty,flow"`
}

type receiver struct {
	Name    text      `yaml:"name"`
	Webhook []webhook `yaml:"webhook_configs,omitempty"`
	Email   []email   `yaml:"email_configs,omitempty"`
}

type webhook struct {
	URL          text        `yaml:"url"`
	SendResolved bool        `yaml:"send_resolved"`
	HTTP         *httpConfig `yaml:"http_config,omitempty"`
}

type httpConfig struct {
	Authorization authorization `yaml:"authorization"`
}

type authorization struct {
	CredentialsFile text `yaml:"credentials_file"`
}

type email struct {
	To           text          `yaml:"to"`
	SendResolved bool          `yaml:"send_resolved"`
	Headers      *emailHeaders `yaml:"headers,omitempty"`
	HTML         *text         `yaml:"html,omitempty"` // "" is not the default: it means none
	Text         text          `yaml:"text,omitempty"`
}

type emailHeaders struct {
	Subject text `yaml:"Subject"`
}

type timeInterval struct {
	Name      string `yaml:"name"`
	Intervals []span `yaml:"time_intervals"`
}

type span struct {
	Times       []times  `yaml:"times,omitempty"`
	Weekdays    []string `yaml:"weekdays,omitempty,flow"`
	DaysOfMonth []text   `yaml:"days_of_month,omitempty,flow"`
	Months      []text   `yaml:"months,omitempty,flow"`
	Years       []text   `yaml:"years,omitempty,flow"`
	Location    text     `yaml:"location"`
}

type times struct {
	Start text `yaml:"start_time"`
	End   text `yaml:"end_time"`
}

// text is a string that is always quoted. Alertmanager reads YAML 1.1, where no,
// 1e3, 0x1F and 12:30 are not strings, and more of the like than anybody
// remembers.
type text string

// MarshalYAML writes the quotes; what single ones cannot hold the library puts into
// double ones.
func (t text) MarshalYAML() (any, error) {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: string(t), Style: yaml.SingleQuotedStyle}
	if strings.ContainsAny(n.Value, "\r\n\t\u0085\u2028\u2029\ufeff") {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n, nil
}

// duration is written as Alertmanager reads it, which knows no "24h0m0s".
type duration time.Duration

// MarshalYAML writes the largest unit that leaves nothing over.
func (d duration) MarshalYAML() (any, error) {
	for _, u := range []struct {
		of   time.Duration
		name string
	}{{time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		if time.Duration(d)%u.of == 0 {
			return count(int64(time.Duration(d)/u.of), u.name), nil
		}
	}
	return count(time.Duration(d).Milliseconds(), "ms"), nil
}
