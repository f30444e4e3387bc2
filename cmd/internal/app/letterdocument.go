package app

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/doisoat/doisoat/adapter/deliver/letter"
	"github.com/doisoat/doisoat/adapter/deliver/list"
	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

// letterDocument is everything that a letter and its list told, kept with the letter:
// whenever it is printed or sent, it says the same.
type letterDocument struct {
	Format         int
	Department     string
	DepartmentName string
	Parent         string
	Centre         string
	Place          string
	SignerTitle    string
	SignerName     string
	Number         string
	Times          int
	MadeAt         time.Time
	AsOf           time.Time
	AnswerBy       time.Time
	Held           bool
	Sources        []list.Freshness
	Items          []documentItem
}

// documentItem is one line of the list; those that are Reminded stand in the letter.
type documentItem struct {
	ID, Values, Code string
	Kind             reconcile.Kind
	Side             reconcile.Side
	Effect           reconcile.Effect
	State            reconcile.State
	Since            time.Time
	Times            int
	NotVerifiedSince time.Time
	Reminded         bool
	Note, SetBy      string
	Platform, Office *reconcile.Record
}

const documentFormat = 1

// defaultCentre signs lists and letters where the configuration names nobody.
const defaultCentre = "TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG"

// document begins what is told to a department.
func (a *App) document(l *departmentList, madeAt time.Time, held bool) *letterDocument {
	d := a.delivery()
	doc := &letterDocument{
		Format: documentFormat, Department: l.Department, DepartmentName: a.departmentName(l.Department), Parent: d.Organisation.Parent,
		Centre: organisationOf(d), Place: d.Organisation.Place, SignerTitle: d.Signer.Title, SignerName: d.Signer.Name,
		MadeAt: madeAt, AsOf: l.AsOf, AnswerBy: a.Calendar.Add(madeAt, d.AnswerWithin), Held: held, Sources: a.freshness(l),
	}
	for i := range l.Items {
		item := &l.Items[i]
		doc.Items = append(doc.Items, documentItem{
			ID: item.ID, Values: item.Values, Code: item.Code, Kind: item.Kind, Side: item.Side, Effect: item.Effect, State: item.State,
			Since: item.Since, Times: item.Times, NotVerifiedSince: item.NotVerifiedSince, Reminded: item.Reminded(), Note: item.Note,
			SetBy: item.SetBy, Platform: item.Platform, Office: item.Office,
		})
	}
	return doc
}

// departmentName is the name that people know a department by.
func (a *App) departmentName(code string) string {
	for _, d := range a.Config.Departments {
		if d.Code == code {
			return d.Name
		}
	}
	return code
}

// freshness is how old what the list rests on is.
func (a *App) freshness(l *departmentList) []list.Freshness {
	var all []list.Freshness
	add := func(r reconcile.Reading, side reconcile.Side, name string) {
		f := list.Freshness{Name: name, Side: side, ReadAt: r.ReadAt, Stale: !r.Fresh}
		if f.Stale && !r.ReadAt.IsZero() {
			f.Reason = "chưa đọc lại được nguồn này"
		}
		all = append(all, f)
	}
	add(l.Rules.Coverage.Platform, reconcile.Platform, "Hệ thống của tỉnh ("+a.Config.Platform.Name+")")
	for _, r := range l.Rules.Coverage.Offices[l.Department] {
		add(r, reconcile.Office, a.departmentName(l.Department)+" ("+r.Source+")")
	}
	return all
}

// list is the document as the department's list.
func (d *letterDocument) list(zone *time.Location) *list.List {
	return &list.List{
		Department: d.Department, DepartmentName: d.DepartmentName, Organisation: d.Parent, Centre: d.Centre, MadeAt: d.MadeAt, AsOf: d.AsOf,
		Zone: zone, AnswerBy: d.AnswerBy, Sources: d.Sources, Held: d.Held,
		Items: func(yield func(*list.Item) error) error {
			for i := range d.Items {
				item := &d.Items[i]
				if err := yield(&list.Item{
					ID: item.ID, Values: item.Values, Code: item.Code, Procedure: item.procedure(), Kind: item.Kind, Side: item.Side, Effect: item.Effect,
					State: item.State, Platform: item.Platform, Office: item.Office, Since: item.Since, Times: item.Times,
					NotVerifiedSince: item.NotVerifiedSince, Note: item.Note, SetBy: item.SetBy,
				}); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// writeList writes the department's list (.xlsx).
func (d *letterDocument) writeList(w io.Writer, zone *time.Location) error {
	return list.Write(w, d.list(zone))
}

// pack is the document as it is kept.
func (d *letterDocument) pack() ([]byte, error) {
	var buffer bytes.Buffer
	w := gzip.NewWriter(&buffer)
	if err := json.NewEncoder(w).Encode(d); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return buffer.Bytes(), nil
}

// documentOf reads what a letter told.
func documentOf(l *store.Letter) (*letterDocument, error) {
	r, err := gzip.NewReader(bytes.NewReader(l.Document))
	if err != nil {
		return nil, fmt.Errorf("letter %d: %w", l.ID, err)
	}
	var d letterDocument
	if err := json.NewDecoder(r).Decode(&d); err != nil {
		return nil, fmt.Errorf("letter %d: %w", l.ID, err)
	}
	if d.Format != documentFormat {
		return nil, fmt.Errorf("letter %d was made by a newer version of doisoat", l.ID)
	}
	return &d, nil
}

// letter is the document as the reminder letter: what it reminds of.
func (d *letterDocument) letter(zone *time.Location) *letter.Letter {
	l := &letter.Letter{
		Parent: d.Parent, Centre: d.Centre, Place: d.Place, Number: d.Number, Times: d.Times, Day: d.MadeAt, To: d.DepartmentName,
		AnswerBy: d.AnswerBy, AsOf: d.AsOf, Signer: letter.Signer{Title: d.SignerTitle, Name: d.SignerName}, Zone: zone,
	}
	for i := range d.Items {
		item := &d.Items[i]
		if !item.Reminded {
			continue
		}
		line := letter.Item{
			Code: item.Code, Department: d.DepartmentName, Kind: item.Kind, Side: item.Side, Effect: item.Effect, Since: item.Since,
			Times: item.Times, Office: item.Office, Platform: item.Platform, Procedure: item.procedure(),
		}
		for _, rec := range [...]*reconcile.Record{item.Office, item.Platform} { // the platform's word, where it has one
			if rec != nil && rec.ReceivedAt.Known() {
				line.ReceivedAt = rec.ReceivedAt
			}
			if rec != nil && rec.EffectiveDue().Known() {
				line.DueAt = rec.EffectiveDue()
			}
		}
		l.Items = append(l.Items, line)
	}
	return l
}

// procedure is what the platform calls it, else the office.
func (i *documentItem) procedure() string {
	for _, rec := range [...]*reconcile.Record{i.Platform, i.Office} {
		if rec != nil && rec.Procedure != "" {
			return rec.Procedure
		}
	}
	return ""
}
