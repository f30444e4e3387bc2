package reconcile_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/doisoat/doisoat/reconcile"
)

var (
	accounts      = []reconcile.Account{reconcile.AccountReported, reconcile.AccountVerified}
	formReceived  = []reconcile.Column{reconcile.ColumnFormOnline, reconcile.ColumnFormInPerson, reconcile.ColumnFormCarriedOver}
	formStandings = []reconcile.Column{
		reconcile.ColumnFormEarly, reconcile.ColumnFormOnTime, reconcile.ColumnFormLate,
		reconcile.ColumnFormInProgressOnTime, reconcile.ColumnFormInProgressOverdue,
	}
	formWords = map[reconcile.Column]string{
		"": "", reconcile.ColumnFormOnline: "online", reconcile.ColumnFormInPerson: "in person", reconcile.ColumnFormCarriedOver: "carried over",
		reconcile.ColumnFormEarly: "resolved early", reconcile.ColumnFormOnTime: "resolved on time", reconcile.ColumnFormLate: "resolved late",
		reconcile.ColumnFormInProgressOnTime: "in progress on time", reconcile.ColumnFormInProgressOverdue: "in progress overdue",
	}
)

// countedForm is one dossier counted alone.
func countedForm(r *reconcile.Rules, by reconcile.By, from, to time.Time, out *reconcile.Outcome) (key string, row reconcile.FormRow) {
	form := reconcile.NewForm(r, by, from, to)
	form.Add(out)
	for key, row := range form.Rows() {
		return key, row
	}
	return "", reconcile.FormRow{}
}

// lineOf puts the figures of one dossier into words.
func lineOf(t interface{ Fatalf(string, ...any) }, c reconcile.FormCounts) formLine {
	word := func(columns []reconcile.Column) (word string) {
		for _, column := range columns {
			switch n := c.Of(column); {
			case n == 1 && word == "":
				word = formWords[column]
			case n != 0:
				t.Fatalf("one dossier makes %+v", c)
			}
		}
		return word
	}
	return formLine{word(formReceived), word(formStandings)}
}

// drawPeriod is a few days of those that the worlds know.
func drawPeriod(t *rapid.T) (from, to time.Time) {
	i := rapid.IntRange(0, len(someDays)-2).Draw(t, "first day")
	j := rapid.IntRange(i+1, len(someDays)-1).Draw(t, "day after the last")
	return at(someDays[i], "00:00"), at(someDays[j], "00:00")
}

// drawReported is a dossier with what only the report counts by.
func drawReported(t *rapid.T, asOf time.Time) *reconcile.Dossier {
	d := drawDossier(t, asOf)
	for _, list := range [][]reconcile.Record{d.Platform, d.Offices} {
		for i := range list {
			list[i].Channel = rapid.SampledFrom(append([]reconcile.Channel{"", reconcile.Online}, reconcile.Channels...)).Draw(t, "channel")
			list[i].Field = rapid.SampledFrom([]string{"", "Đất đai", "Hộ tịch"}).Draw(t, "field")
			if rapid.Bool().Draw(t, "received any day") {
				list[i].ReceivedAt = maybe(t, "received")
			}
		}
	}
	return d
}

func TestTheFormAgreesWithASecondReadingOfTheRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		w.cover(t)
		from, to := drawPeriod(t)
		d := drawReported(t, w.rules.AsOf)
		field, reported, verified := w.oracle().form(d, from, to)
		out := w.rules.Compare(d)
		key, row := countedForm(&w.rules, reconcile.ByField, from, to, &out)
		if diff := cmp.Diff([]formLine{reported, verified}, []formLine{lineOf(t, row.Reported), lineOf(t, row.Verified)}); diff != "" {
			t.Fatalf("oracle (-), package (+):\n%s", diff)
		}
		if reported.Received+verified.Received != "" && key != field {
			t.Fatalf("counted for %q, not %q", key, field)
		}
	})
}

func TestInTheFormReceivedIsResolvedAndInProgress(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		w.cover(t)
		from, to := drawPeriod(t)
		by := rapid.SampledFrom(reconcile.Bys).Draw(t, "by")
		form, half, tally := reconcile.NewForm(&w.rules, by, from, to), reconcile.NewForm(&w.rules, by, from, to), reconcile.NewTallyBy(by, from, to)
		for range rapid.IntRange(1, 4).Draw(t, "dossiers") {
			out := w.rules.Compare(drawReported(t, w.rules.AsOf))
			tally.Add(&out)
			rapid.SampledFrom([]*reconcile.Form{form, half}).Draw(t, "counted by").Add(&out)
		}
		form.Merge(half)
		table := tally.Rows()
		for key, row := range form.Rows() {
			for _, account := range accounts {
				received, resolved, progress := row.Of(account, reconcile.ColumnFormReceived), row.Of(account, reconcile.ColumnFormResolved), row.Of(account, reconcile.ColumnFormInProgress)
				if received != resolved+progress {
					t.Fatalf("%q by %s: received %d, resolved %d, in progress %d", key, account, received, resolved, progress)
				}
				inPeriod := row.Of(account, reconcile.ColumnFormOnline) + row.Of(account, reconcile.ColumnFormInPerson)
				if total := table[key].Of(account, reconcile.ColumnTotal); !w.rules.AsOf.Before(to) && inPeriod != total {
					t.Fatalf("%q by %s: the form has %d received in the period, the table %d", key, account, inPeriod, total)
				}
			}
		}
	})
}

// What is carried over into a period is what was in progress when the one before it
// ended, if both are counted of the same data.
func TestAPeriodCarriesOverWhatTheLastOneLeft(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		w.rules.AsOf = at("2018-07-20", "08:00")
		w.coverAll(w.rules.AsOf)
		from, border := drawPeriod(t)
		d := drawReported(t, w.rules.AsOf)
		out := w.rules.Compare(d)
		_, before := countedForm(&w.rules, reconcile.ByField, from, border, &out)
		_, after := countedForm(&w.rules, reconcile.ByField, border, at("2018-07-20", "00:00"), &out)
		for _, account := range accounts {
			if left, carried := before.Of(account, reconcile.ColumnFormInProgress), after.Of(account, reconcile.ColumnFormCarriedOver); left != carried {
				t.Fatalf("%s: %d in progress at the end of the one, %d carried over into the other: %+v", account, left, carried, out.Pair)
			}
		}
	})
}

func TestAFigureCountsTheDossiersThatItsCellLists(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		w.cover(t)
		from, to := drawPeriod(t)
		by := rapid.SampledFrom(reconcile.Bys).Draw(t, "by")
		cells := reconcile.NewCells(&w.rules, by, from, to)
		tally, form := reconcile.NewTallyBy(by, from, to), reconcile.NewForm(&w.rules, by, from, to)
		outs := make([]reconcile.Outcome, rapid.IntRange(1, 4).Draw(t, "dossiers"))
		rows := map[string]bool{"": true, "none such": true}
		for i := range outs {
			outs[i] = w.rules.Compare(drawReported(t, w.rules.AsOf))
			tally.Add(&outs[i])
			form.Add(&outs[i])
			rows[cells.Row(&outs[i])] = true
		}
		table, forms := tally.Rows(), form.Rows()
		figure := func(cell reconcile.Cell) (n int) {
			for _, key := range slices.Sorted(maps.Keys(rows)) {
				if cell.Total || key == cell.Row {
					n += table[key].Of(cell.Account, cell.Column) + forms[key].Of(cell.Account, cell.Column)
				}
			}
			return n
		}
		list := func(cell reconcile.Cell) map[int]bool {
			in := map[int]bool{}
			for i := range outs {
				if cells.In(&outs[i], cell) {
					in[i] = true
				}
			}
			return in
		}
		for _, column := range reconcile.Columns {
			for key := range rows {
				for _, total := range []bool{false, true} {
					cell := func(a reconcile.Account) reconcile.Cell {
						return reconcile.Cell{Row: key, Total: total, Account: a, Column: column}
					}
					reported, verified, either := list(cell(reconcile.AccountReported)), list(cell(reconcile.AccountVerified)), list(cell(reconcile.AccountDifference))
					if len(reported) != figure(cell(reconcile.AccountReported)) || len(verified) != figure(cell(reconcile.AccountVerified)) {
						t.Fatalf("%q %s: %d and %d listed, %d and %d counted", key, column, len(reported), len(verified),
							figure(cell(reconcile.AccountReported)), figure(cell(reconcile.AccountVerified)))
					}
					if figure(cell(reconcile.AccountDifference)) != len(verified)-len(reported) {
						t.Fatalf("%q %s: a difference of %d", key, column, figure(cell(reconcile.AccountDifference)))
					}
					for i := range outs {
						if either[i] != (reported[i] != verified[i]) {
							t.Fatalf("%q %s: dossier %d behind the difference: %v", key, column, i, either[i])
						}
					}
				}
			}
		}
	})
}

// The order in which rows come must not decide the field or the channel either.
func TestTheOrderOfRowsDoesNotMoveADossierInTheReport(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		w.cover(t)
		from, to := drawPeriod(t)
		d := drawReported(t, w.rules.AsOf)
		for _, list := range [][]reconcile.Record{d.Platform, d.Offices} {
			for i := range list {
				list[i].UpdatedAt, list[i].FirstReadAt = reconcile.Moment{}, early
				if i > 0 && list[i].Source == list[0].Source && rapid.Bool().Draw(t, "a twin but for field and channel") {
					field, channel := list[i].Field, list[i].Channel
					list[i] = list[0]
					list[i].Field, list[i].Channel = field, channel
				}
			}
		}
		turned := &reconcile.Dossier{
			Platform: rapid.Permutation(d.Platform).Draw(t, "platform order"),
			Offices:  rapid.Permutation(d.Offices).Draw(t, "office order"), History: d.History,
		}
		one, other := w.rules.Compare(d), w.rules.Compare(turned)
		for _, by := range reconcile.Bys {
			key, row := countedForm(&w.rules, by, from, to, &one)
			turnedKey, turnedRow := countedForm(&w.rules, by, from, to, &other)
			if key != turnedKey || row != turnedRow {
				t.Fatalf("%q %+v, turned %q %+v", key, row, turnedKey, turnedRow)
			}
		}
	})
}

func TestTheChannelDecidesNothingElse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		w.cover(t)
		d := drawReported(t, w.rules.AsOf)
		want := outline(&w.rules, d)
		values := func() (all []string) {
			out := w.rules.Compare(d)
			for _, c := range w.rules.Advance(&out, nil) {
				all = append(all, c.Discrepancy.ID+" "+c.Discrepancy.Values)
			}
			return all
		}
		before := values()
		for _, list := range [][]reconcile.Record{d.Platform, d.Offices} {
			for i := range list {
				list[i].Channel = rapid.SampledFrom(reconcile.Channels).Draw(t, "another channel")
			}
		}
		if diff := cmp.Diff(want, outline(&w.rules, d)); diff != "" {
			t.Fatal(diff)
		}
		if diff := cmp.Diff(before, values()); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestCellsThatAreNone(t *testing.T) {
	t.Parallel()
	w, d := plain(t)
	out := w.rules.Compare(d)
	cells := reconcile.NewCells(&w.rules, reconcile.ByDepartment, at("2018-04-01", "00:00"), at("2018-07-01", "00:00"))
	row := reconcile.TallyRow{Reported: reconcile.Counts{ResolvedLate: 1}, Verified: reconcile.Counts{ResolvedLate: 1}}
	for _, cell := range []reconcile.Cell{
		{Total: true, Account: reconcile.AccountReported},
		{Total: true, Account: reconcile.AccountReported, Column: "no_column"},
		{Total: true, Account: "nobody", Column: reconcile.ColumnTotal},
		{Row: "TP", Account: reconcile.AccountReported, Column: reconcile.ColumnTotal},
	} {
		if cells.In(&out, cell) {
			t.Errorf("a dossier is behind %+v", cell)
		}
	}
	if row.Of("nobody", reconcile.ColumnTotal) != 0 || row.Of(reconcile.AccountReported, reconcile.ColumnFormLate) != 0 {
		t.Error("a figure where there is none")
	}
	if got := cells.Of(&out, reconcile.AccountReported); got.Table != reconcile.ColumnInProgressOnTime || !got.In(reconcile.ColumnTotal) {
		t.Errorf("%+v", got)
	}
}
