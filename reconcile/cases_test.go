package reconcile_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/reconcile"
	"github.com/doisoat/doisoat/reconcile/calendar"
)

// snapshotCases are about polls, not dossiers, and have a runner of their own.
const snapshotCases = "6-snapshots.txtar"

func TestCases(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/[1-9]-*.txtar")
	if err != nil || len(files) < 30 {
		t.Fatalf("%d case files, %v", len(files), err)
	}
	for _, path := range files {
		if filepath.Base(path) == snapshotCases {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		about, sections := splitSections(string(text))
		if about == "" || len(sections) < 2 || sections[0].name != "given" {
			t.Errorf("%s: a case file says which rule it is about, then what is given, then cases", path)
			continue
		}
		given, err := parseSteps(sections[0].text)
		if err != nil {
			t.Fatalf("%s: given: %v", path, err)
		}
		for _, section := range sections[1:] {
			t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar")+"/"+section.name, func(t *testing.T) {
				steps, err := parseSteps(section.text)
				if err != nil {
					t.Fatal(err)
				}
				c := newCase(t, given[0])
				for i, s := range steps {
					c.play(i+1, s)
				}
			})
		}
	}
}

// stage is a case being played: the dossier as it stands, and what is kept of it.
type stage struct {
	t        *testing.T
	rules    reconcile.Rules
	spec     calendar.Spec
	given    []block
	expects  map[string]string // by default, from "given"
	dossier  reconcile.Dossier
	offices  map[string][]string          // departments each keeps
	readings map[string]reconcile.Reading // of those that were not simply read now
	again    []string                     // sources that can be asked for one dossier
	kept     []reconcile.Discrepancy
	out      reconcile.Outcome
	changes  []reconcile.Change
	from, to time.Time // the period of reports, 01/04 to 30/09/2018 by default
}

func newCase(t *testing.T, given step) *stage {
	c := &stage{
		t: t, given: given.records, expects: map[string]string{}, offices: map[string][]string{},
		readings: map[string]reconcile.Reading{},
		spec:     plainSpec(),
		from:     at("2018-04-01", "00:00"), to: at("2018-10-01", "00:00"),
	}
	c.rules.Grace = map[reconcile.Kind]time.Duration{}
	c.set(given.settings)
	for _, b := range given.records {
		c.apply(b)
	}
	for _, f := range given.expect {
		c.expects[f.key] = f.value
	}
	return c
}

// must ends the case where its file is at fault.
func (c *stage) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *stage) set(settings []field) {
	c.t.Helper()
	for _, f := range settings {
		var err error
		word, of, _ := strings.Cut(f.key, " ")
		switch {
		case f.key == "as_of":
			c.rules.AsOf, err = parseTime(f.value)
		case f.key == "compare by":
			c.rules.CompareBy = reconcile.DeadlineCompare(f.value)
		case f.key == "period":
			first, last, _ := strings.Cut(f.value, " to ")
			if c.from, err = time.ParseInLocation("02/01/2006", first, vietnam); err == nil {
				c.to, err = time.ParseInLocation("02/01/2006", last, vietnam)
				c.to = c.to.AddDate(0, 0, 1)
			}
		case f.key == "holidays":
			c.spec.Holidays = days(f.value)
		case f.key == "make-up days":
			c.spec.Makeup = days(f.value)
		case word == "grace":
			c.rules.Grace[reconcile.Kind(of)], err = time.ParseDuration(f.value)
		case word == "keeps":
			c.offices[of] = strings.Fields(f.value)
		case word == "look":
			var at time.Time
			at, err = parseTime(f.value)
			if c.dossier.Looks == nil {
				c.dossier.Looks = map[string]time.Time{}
			}
			c.dossier.Looks[of] = at
		case f.key == "can be asked":
			c.again = strings.Fields(f.value)
		case word == "poll":
			c.readings[of], err = c.reading(f.value)
		case of == "acknowledges" || of == "waives":
			c.person(word, of, f.value)
		default:
			err = fmt.Errorf("there is no setting %q", f.key)
		}
		c.must(err)
	}
}

func days(value string) (list []calendar.Day) {
	for word := range strings.FieldsSeq(value) {
		d, m, y := word[0:2], word[3:5], word[6:]
		list = append(list, calendar.Day{Date: y + "-" + m + "-" + d})
	}
	return list
}

// reading tells how a source stands that was not simply read in full in this run:
// "accepted", "failed, last full DATE", "incremental, last full DATE" or "never".
// (An incremental poll is of this run or of a while ago; it makes no difference.)
func (c *stage) reading(value string) (r reconcile.Reading, err error) {
	word, full, _ := strings.Cut(value, ", last full ")
	if word == "accepted" || word == "never" {
		return reconcile.Reading{Complete: word == "accepted", Fresh: word == "accepted", ThisRun: word == "accepted"}, nil
	}
	r = reconcile.Reading{Complete: full != "", Fresh: word == "incremental"}
	if full != "" {
		r.FullAt, err = parseTime(full)
		r.ReadAt = r.FullAt
	}
	if r.Fresh {
		r.ReadAt = c.rules.AsOf
	}
	return r, err
}

// person does what the command line lets a person do to a discrepancy:
// "lan acknowledges: KIND", "lan waives: KIND until DATE".
func (c *stage) person(name, act, value string) {
	c.t.Helper()
	kind, until, _ := strings.Cut(value, " until ")
	i := slices.IndexFunc(c.kept, func(d reconcile.Discrepancy) bool { return string(d.Kind) == kind && d.Standing() })
	if i < 0 {
		c.t.Fatalf("no standing %s to be set", kind)
	}
	change, err := c.kept[i].Acknowledge(name, "said in a case", c.rules.AsOf)
	if act == "waives" {
		at, bad := parseTime(until)
		c.must(bad)
		change, err = c.kept[i].Waive(name, "said in a case", at, c.rules.AsOf)
	}
	c.must(err)
	if change.Event.Actor != name || change.Event.To == "" {
		c.t.Fatalf("what a person does is an event of theirs: %+v", change.Event)
	}
	c.kept = keep(c.kept, []reconcile.Change{change})
}

// apply puts one block's record into the dossier.
func (c *stage) apply(b block) {
	c.t.Helper()
	list := &c.dossier.Offices
	if b.side == reconcile.Platform {
		list = &c.dossier.Platform
	}
	first := slices.IndexFunc(*list, func(rec reconcile.Record) bool { return rec.Source == b.source })
	var rec reconcile.Record
	switch {
	case b.form == "earlier" || first < 0:
		rec = c.givenRecord(b.side, b.source)
	default:
		rec = (*list)[first]
	}
	var version reconcile.Version
	for _, f := range b.fields {
		var err error
		if f.key == "seen_until" {
			version.SeenUntil, err = parseTime(f.value)
		} else {
			err = setRecord(&rec, f)
		}
		c.must(err)
	}
	switch {
	case b.form == "no":
		*list = slices.DeleteFunc(*list, func(rec reconcile.Record) bool { return rec.Source == b.source })
	case b.form == "earlier":
		version.Record, version.SeenFrom = rec, version.SeenUntil
		c.dossier.History = append(c.dossier.History, version)
	case b.form == "again" && first >= 0:
		*list = slices.Insert(*list, first+1, rec)
	case first >= 0:
		(*list)[first] = rec
	default:
		*list = append(*list, rec)
	}
}

// givenRecord is the record of this source in "given"; a further office's is
// like that of the given office.
func (c *stage) givenRecord(side reconcile.Side, source string) reconcile.Record {
	c.t.Helper()
	rec := reconcile.Record{Side: side}
	var found bool
	for _, exact := range []bool{true, false} {
		for _, b := range c.given {
			if found || b.side != side || exact && b.source != source {
				continue
			}
			found = true
			for _, f := range b.fields {
				c.must(setRecord(&rec, f))
			}
		}
	}
	rec.Source = source
	return rec
}

// play runs one step and checks what it expects.
func (c *stage) play(n int, s step) {
	c.t.Helper()
	c.dossier.Looks = nil
	c.set(s.settings)
	for _, b := range s.records {
		c.apply(b)
	}
	cal, err := calendar.New(c.spec)
	c.must(err)
	c.rules.Calendar = cal
	c.cover()
	c.out = c.rules.Compare(&c.dossier)
	c.changes = c.rules.Advance(&c.out, c.kept)
	c.kept = keep(c.kept, c.changes)
	if again := c.rules.Advance(&c.out, c.kept); len(again) > 0 {
		c.t.Errorf("step %d: the same outcome again changes %+v", n, again)
	}
	want, got := c.compared(s.expect)
	if diff := cmp.Diff(want, got); diff != "" {
		_, steps := c.rules.Explain(&c.dossier)
		c.t.Errorf("step %d: expected (-), decided (+):\n%s\n%+v", n, diff, steps)
	}
}

// cover makes the coverage of this run: what was not said to have failed was
// read in full.
func (c *stage) cover() {
	now := reconcile.Reading{Complete: true, Fresh: true, ThisRun: true, ReadAt: c.rules.AsOf, FullAt: c.rules.AsOf}
	coverage := reconcile.Coverage{Platform: now, Sources: map[string]reconcile.Reading{}, Offices: map[string][]reconcile.Reading{}}
	of := func(source string) reconcile.Reading {
		r, ok := c.readings[source]
		if !ok || r.Fresh && r.FullAt.IsZero() {
			r = now
		}
		r.Source, r.Again = source, slices.Contains(c.again, source)
		return r
	}
	for _, b := range c.given {
		coverage.Sources[b.source] = of(b.source)
		if b.side == reconcile.Platform {
			coverage.Platform = of(b.source)
		}
	}
	for _, rec := range c.dossier.Offices {
		coverage.Sources[rec.Source] = of(rec.Source)
	}
	for source, departments := range c.offices {
		coverage.Sources[source] = of(source)
		for _, d := range departments {
			coverage.Offices[d] = append(coverage.Offices[d], of(source))
		}
	}
	for _, list := range [][]reconcile.Record{c.dossier.Platform, c.dossier.Offices} {
		for i := range list {
			if r := coverage.Sources[list[i].Source]; r.Fresh {
				list[i].ReadAt = r.ReadAt
			}
		}
	}
	c.rules.Coverage = coverage
}
