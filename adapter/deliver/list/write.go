package list

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/doisoat/doisoat/reconcile"
)

// Write writes the list as an .xlsx workbook. Rows are streamed: what is held in
// memory is the packed file and a few bytes an item. Nothing reaches w before the
// items have ended without an error.
func Write(w io.Writer, l *List) error {
	if l.Zone == nil {
		return errors.New("list: no time zone was given")
	}
	f := excelize.NewFile()
	err := write(f, l)
	if err == nil {
		err = f.Write(w)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("list of %s: %w", l.Department, err)
	}
	return nil
}

func write(f *excelize.File, l *List) error {
	looks, err := newStyles(f)
	if err != nil {
		return err
	}
	c := cells{words{l.Zone}, looks}
	if err := f.SetSheetName("Sheet1", coverSheet); err != nil {
		return err
	}
	sheets := map[reconcile.Correction]*sheet{}
	for _, about := range reconcile.Corrections {
		if sheets[about], err = newSheet(f, about, l, c); err != nil {
			return fmt.Errorf("sheet %s: %w", reconcile.CorrectionLabels[about], err)
		}
	}
	t := newTally()
	if l.Items != nil {
		if err := l.Items(func(item *Item) error {
			if item.ID == "" || item.Code == "" {
				return fmt.Errorf("item %d has no ID or no code", t.all.rows+1)
			}
			about := reconcile.CorrectionOf(item.Kind, item.Side, item.Office)
			t.add(item, about)
			return sheets[about].add(item)
		}); err != nil {
			return err
		}
	}
	for _, about := range reconcile.Corrections {
		if err := sheets[about].finish(); err != nil {
			return fmt.Errorf("sheet %s: %w", sheets[about].name, err)
		}
	}
	if err := cover(f, l, t, c); err != nil {
		return fmt.Errorf("sheet %s: %w", coverSheet, err)
	}
	return describe(f, l)
}

// describe fills in the file's properties; the moment is the list's, so that the
// same list says the same. Nothing here may look at the sheets any more: excelize
// would read every row back in.
func describe(f *excelize.File, l *List) error {
	if err := f.SetAppProps(&excelize.AppProperties{Application: "doisoat"}); err != nil {
		return err
	}
	at := l.MadeAt.UTC().Format(time.RFC3339)
	return f.SetDocProps(&excelize.DocProperties{
		Title: coverTitle, Subject: clean(l.name()), Creator: clean(l.Centre), LastModifiedBy: clean(l.Centre),
		Created: at, Modified: at, Language: "vi-VN",
	})
}

func (l *List) origin() origin { return origin{l.Department, l.MadeAt} }

// count is what a line of the cover says. A dossier may stand in several rows.
type count struct{ rows, answered, falseOverdue, hiddenOverdue int }

func (c *count) add(item *Item) {
	c.rows++
	if item.Note != "" {
		c.answered++
	}
	switch item.Effect {
	case reconcile.FalseOverdue:
		c.falseOverdue++
	case reconcile.HiddenOverdue:
		c.hiddenOverdue++
	}
}

// tally counts the items as they pass.
type tally struct {
	all     count
	sheets  map[reconcile.Correction]*count
	kinds   map[reconcile.Kind]*count
	effects map[string]reconcile.Effect // by dossier; the one that matters, where its rows differ
}

func newTally() *tally {
	return &tally{
		sheets:  map[reconcile.Correction]*count{},
		kinds:   map[reconcile.Kind]*count{},
		effects: map[string]reconcile.Effect{},
	}
}

func (t *tally) add(item *Item, about reconcile.Correction) {
	t.all.add(item)
	counted(t.sheets, about).add(item)
	counted(t.kinds, item.Kind).add(item)
	if kept, seen := t.effects[item.Code]; !seen || kept == reconcile.EffectNone || kept == "" {
		t.effects[item.Code] = item.Effect
	}
}

// counted finds or makes the count of a key.
func counted[K comparable](counts map[K]*count, key K) *count {
	if counts[key] == nil {
		counts[key] = new(count)
	}
	return counts[key]
}

// dossiers is how many dossiers the rows are about; with is how many of them have
// that effect.
func (t *tally) dossiers() int { return len(t.effects) }

func (t *tally) with(effect reconcile.Effect) (n int) {
	for e := range maps.Values(t.effects) {
		if e == effect {
			n++
		}
	}
	return n
}
