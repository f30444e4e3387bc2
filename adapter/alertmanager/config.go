package alertmanager

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/doisoat/doisoat/reconcile/calendar"
)

// Department is one whose alerts are routed.
type Department struct {
	Code string // the value of the label department, exactly
	Name string // as people read it; for the subject of mails
	// Receiver is the department's own; what it leaves empty Options.Department gives.
	Receiver Receiver
}

// Receiver says where alerts go: to either, to both, or nowhere.
type Receiver struct {
	Webhook string // an http or https address, without user or password
	// CredentialsFile holds a bearer token for that webhook and no other, on
	// Alertmanager's machine; "": none is sent.
	CredentialsFile string
	Mail            string // one mail address
}

// SMTP is the server that takes mail.
type SMTP struct {
	Smarthost    string // host:port
	From         string // address of the sender
	Username     string // "" where the server asks for none
	PasswordFile string // on Alertmanager's machine, its full path
	Plain        bool   // without TLS, for a relay on the same machine
}

// Options say where alerts go, and how often. All durations are positive; zero
// stands for the default.
type Options struct {
	IT Receiver // gets everything; must not be empty
	// Department is for every department that names no receiver of its own;
	// {department} in it stands for the code. Empty: those departments' alerts go to
	// IT alone.
	Department Receiver
	// Watchdog is told every few minutes that alerting works. It has to be a service
	// that sounds the alarm when it is told no more; empty: nobody is told.
	Watchdog Receiver
	SMTP     SMTP // needed where there is any Mail

	// Calendar gives the hours in which departments get mail; the zero Spec stands
	// for Monday to Friday, 07:00–11:30 and 13:30–17:00, Vietnam's time. Webhooks
	// and IT are told at any hour.
	Calendar calendar.Spec
	// From is the day on which the configuration is made: holidays before it are
	// left out.
	From time.Time

	GroupWait      time.Duration // how long a first message waits for company; 30s
	GroupInterval  time.Duration // the least time between two messages of a group; 5m
	RepeatInterval time.Duration // when what still holds is told again; 24h

	// TemplateFile is the name under which Alertmanager finds Template, relative to
	// the configuration; "doisoat.tmpl".
	TemplateFile string
}

const head = `# Made by doisoat alertmanager-routes from the list of departments: run it again
# when that list or the calendar changes, rather than editing this file.
#
#   amtool check-config FILE
#   amtool config routes test --config.file=FILE alertname=DoisoatMismatchesOpen department=CODE
`

// Config writes the whole configuration: for an Alertmanager of doisoat's own as it
// stands, for another's to be merged (the one route below the root, and the lists
// of receivers, intervals and inhibitions). The same arguments give the same bytes.
// The error joins everything that is wrong with them.
func Config(departments []Department, o Options) ([]byte, error) {
	o = o.withDefaults()
	w := &writer{options: o}
	w.makeup = w.days("make-up days", o.Calendar.Makeup)
	// A make-up day is worked, whatever else it is.
	w.holidays = slices.DeleteFunc(w.days("holidays", o.Calendar.Holidays), func(d time.Time) bool {
		return slices.Contains(w.makeup, d)
	})
	c := w.config(departments)
	if err := errors.Join(w.faults...); err != nil {
		return nil, err
	}
	out := bytes.NewBufferString(head)
	body, err := yaml.Dump(c, yaml.WithIndent(2), yaml.WithLineWidth(-1))
	if err != nil {
		return nil, fmt.Errorf("write the configuration: %w", err)
	}
	out.Write(body)
	return out.Bytes(), nil
}

func (o Options) withDefaults() Options {
	for _, d := range []struct {
		value *time.Duration
		or    time.Duration
	}{{&o.GroupWait, 30 * time.Second}, {&o.GroupInterval, 5 * time.Minute}, {&o.RepeatInterval, 24 * time.Hour}} {
		if *d.value == 0 {
			*d.value = d.or
		}
	}
	if o.TemplateFile == "" {
		o.TemplateFile = "doisoat.tmpl"
	}
	if len(o.Calendar.Hours) == 0 {
		o.Calendar.Hours = []calendar.Span{{From: 7 * time.Hour, To: 11*time.Hour + 30*time.Minute}, {From: 13*time.Hour + 30*time.Minute, To: 17 * time.Hour}}
	}
	if len(o.Calendar.Weekdays) == 0 {
		o.Calendar.Weekdays = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
	}
	return o
}

// writer builds one configuration and remembers what is wrong with its arguments.
type writer struct {
	options   Options
	faults    []error
	receivers []receiver
	mail      bool // somebody gets mail
	hours     bool // a department does
	// The days from Options.From on, as midnights of UTC, ascending.
	makeup, holidays []time.Time
}

func (w *writer) fault(format string, args ...any) {
	w.faults = append(w.faults, fmt.Errorf(format, args...))
}

func (w *writer) config(departments []Department) config {
	w.wait("group wait", w.options.GroupWait)
	w.wait("group interval", w.options.GroupInterval)
	w.wait("repeat interval", w.options.RepeatInterval)
	c := config{Route: w.routes(departments), InhibitRules: inhibitRules(), Receivers: w.receivers}
	if w.mail {
		c.Global, c.Templates = w.global(), []text{text(w.options.TemplateFile)}
	}
	if w.hours {
		c.TimeIntervals = w.intervals()
	}
	return c
}

func (w *writer) wait(name string, d time.Duration) {
	if d < 0 || d%time.Millisecond != 0 {
		w.fault("%s: %v: is no time to wait; give a positive one in whole milliseconds", name, d)
	}
}
