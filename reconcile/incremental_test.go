package reconcile_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/doisoat/doisoat/reconcile"
)

// town is a few dossiers in three sources that change, are polled, and are
// compared only where something happened, as the service does it.
type town struct {
	w        world
	dossiers []reconcile.Dossier
	kept     [][]reconcile.Discrepancy
	pending  []bool // to be looked at again in the next run
	lastPoll map[string]time.Time
}

// poll reads the fresh sources: some rows come, go or change, and what they were
// becomes history.
func (c *town) poll(t *rapid.T, i int, source string, asOf time.Time) (touched bool) {
	if rapid.IntRange(0, 2).Draw(t, fmt.Sprintf("dossier %d changes in %s", i, source)) > 0 {
		return false
	}
	d := &c.dossiers[i]
	list, side := &d.Offices, reconcile.Office
	if source == platformSource {
		list, side = &d.Platform, reconcile.Platform
	}
	seenUntil := c.lastPoll[source]
	*list = slices.DeleteFunc(*list, func(rec reconcile.Record) bool {
		if rec.Source != source {
			return false
		}
		d.History = append(d.History, reconcile.Version{Record: rec, SeenFrom: rec.FirstReadAt, SeenUntil: seenUntil})
		return true
	})
	if rapid.IntRange(0, 4).Draw(t, "goes") > 0 {
		rec := drawRecord(t, side, source, asOf)
		rec.Code, rec.FirstReadAt = fmt.Sprintf("H57-%d", i), asOf
		if !rec.UpdatedAt.Known() {
			rec.UpdatedAt.Time = asOf // otherwise the first detection counts, which a full run cannot know
		}
		*list = append(*list, rec)
	}
	return true
}

// run polls some sources and compares what was touched, what is due and what
// waits to be verified.
func (c *town) run(t *rapid.T, asOf time.Time, everything bool) {
	c.w.coverAll(asOf)
	coverage := &c.w.rules.Coverage
	fresh := map[string]bool{}
	for _, s := range append([]string{platformSource}, sources...) {
		fresh[s] = everything || rapid.IntRange(0, 2).Draw(t, s+" answers") > 0
		r := coverage.Sources[s]
		if !fresh[s] {
			last := c.lastPoll[s]
			r = reconcile.Reading{Complete: !last.IsZero(), ReadAt: last, FullAt: last}
		}
		coverage.Sources[s] = r
	}
	coverage.Platform = coverage.Sources[platformSource]
	coverage.Offices = map[string][]reconcile.Reading{"KT": {coverage.Sources["book-a"]}, "TP": {coverage.Sources["book-b"]}}

	for i := range c.dossiers {
		look := c.pending[i]
		for _, s := range append([]string{platformSource}, sources...) {
			if fresh[s] && !everything {
				look = c.poll(t, i, s, asOf) || look
			}
		}
		for _, k := range c.kept[i] {
			look = look || !k.WakeAt.IsZero() && !k.WakeAt.After(asOf)
		}
		d := &c.dossiers[i]
		for _, list := range [][]reconcile.Record{d.Platform, d.Offices} {
			for j := range list {
				if fresh[list[j].Source] {
					list[j].ReadAt = asOf
				}
			}
		}
		if look {
			c.compare(i)
		}
	}
	for s, ok := range fresh {
		if ok {
			c.lastPoll[s] = asOf
		}
	}
}

func (c *town) compare(i int) {
	out := c.w.rules.Compare(&c.dossiers[i])
	if out.Code == "" { // in no source any more
		out.Code = fmt.Sprintf("H57-%d", i)
		if len(c.kept[i]) > 0 {
			out.Department = c.kept[i][0].Department
		}
	}
	c.pending[i] = false
	if len(out.Findings) > 0 || len(c.kept[i]) > 0 || out.Undecided {
		c.kept[i] = keep(c.kept[i], c.w.rules.Advance(&out, c.kept[i]))
		c.pending[i] = c.w.rules.Unverified(&out)
	}
}

// standing is what of the kept must be the same however it came about.
func standing(kept []reconcile.Discrepancy) []string {
	var lines []string
	for _, d := range kept {
		if d.Standing() {
			lines = append(lines, fmt.Sprintf("%s %s %s %s %s %s since %s wake %s %s", d.ID, d.Code, d.Kind, d.Side, d.State,
				d.Department+"/"+string(d.Effect), d.Since.UTC(), d.WakeAt.UTC(), d.Values))
		}
	}
	slices.Sort(lines)
	return lines
}

func TestManySmallRunsEqualOneFullRunOverTheFinalState(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := town{w: *drawWorld(t), lastPoll: map[string]time.Time{}}
		n := rapid.IntRange(1, 3).Draw(t, "dossiers")
		c.dossiers, c.kept, c.pending = make([]reconcile.Dossier, n), make([][]reconcile.Discrepancy, n), make([]bool, n)
		asOf := at("2018-06-28", "07:30")
		for range rapid.IntRange(1, 6).Draw(t, "runs") {
			asOf = asOf.Add(time.Duration(rapid.IntRange(1, 40).Draw(t, "hours later")) * time.Hour)
			c.run(t, asOf, false)
		}
		asOf = asOf.Add(time.Duration(rapid.IntRange(1, 40).Draw(t, "hours later")) * time.Hour)
		c.run(t, asOf, true)

		for i := range c.dossiers {
			out := c.w.rules.Compare(&c.dossiers[i])
			var whole []reconcile.Discrepancy
			if out.Code != "" {
				whole = keep(nil, c.w.rules.Advance(&out, nil))
			}
			if diff := cmp.Diff(standing(whole), standing(c.kept[i])); diff != "" {
				t.Fatalf("dossier %d at %s: one full run (-), many small ones (+):\n%s", i, asOf, diff)
			}
		}
	})
}

func TestExplainDecidesAsCompareDoesAndTellsWhy(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		w.cover(t)
		d := drawDossier(t, w.rules.AsOf)
		out, steps := w.rules.Explain(d)
		if diff := cmp.Diff(w.rules.Compare(d), out); diff != "" {
			t.Fatalf("Compare (-), Explain (+):\n%s", diff)
		}
		var fired []string
		for _, s := range steps {
			if s.Why == "" || s.Rule == "" {
				t.Fatalf("a step without a word: %+v", s)
			}
			if s.Fired {
				fired = append(fired, s.Rule+": "+s.Why)
			}
		}
		var found []string
		for _, f := range out.Findings {
			found = append(found, string(f.Kind)+": "+f.Reason)
		}
		if strings.Join(found, "\n") != strings.Join(fired, "\n") {
			t.Fatalf("found:\n%s\nsteps that fired:\n%s", strings.Join(found, "\n"), strings.Join(fired, "\n"))
		}
	})
}

// Without this the properties above could hold because nothing ever happens.
func TestTheRandomDossiersReachEveryKindStateAndEffect(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	gen := rapid.Custom(func(t *rapid.T) judgement {
		w := drawWorld(t)
		w.cover(t)
		j := w.oracle().judge(drawDossier(t, w.rules.AsOf))
		return j
	})
	for seed := range 3000 {
		j := gen.Example(seed)
		for key, state := range j.States {
			seen[string(key.Kind)+" "+string(state)]++
		}
		if len(j.Findings) > 0 {
			seen["effect "+string(j.Effect)]++
		}
		seen["reported "+j.Reported]++
		seen[fmt.Sprintf("compared %v, not covered %v, undecided %v", j.Compared, j.NotCovered, j.Undecided)]++
	}
	var want []string
	for _, k := range reconcile.Kinds {
		want = append(want, string(k)+" open")
		if k != reconcile.DuplicateCode && k != reconcile.UnmappedStatus {
			want = append(want, string(k)+" suspected")
		}
	}
	for _, e := range reconcile.Effects {
		want = append(want, "effect "+string(e))
	}
	want = append(want, "reported resolved late", "reported resolved on time", "reported in progress overdue", "reported in progress on time",
		"compared true, not covered false, undecided false", "compared false, not covered true, undecided false", "compared false, not covered false, undecided true")
	for _, what := range want {
		if seen[what] < 3 {
			t.Errorf("only %d of 3000 random dossiers show %s", seen[what], what)
		}
	}
}
