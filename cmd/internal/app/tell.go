package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/web"
)

// TellOptions say what to tell a department of by hand.
type TellOptions struct {
	Department string
	AsOf, At   time.Time // as in LetterOptions
	By         string
	Draft      bool // number nothing and count no reminder
}

// Telling is what a department is told, as files.
type Telling struct {
	List *web.File
	// Letter and PDF are nil where there is nothing to remind of.
	Letter, PDF *web.File
	Count       int    // lines of the list
	Said        string // one sentence, for a terminal
}

// Told makes a department's list and its letter as files. Unless it is a draft the
// letter is registered: the department's of that business day, or the one that there
// is. ErrHeld of the store.
func (a *App) Told(ctx context.Context, o TellOptions) (*Telling, error) {
	if !o.Draft {
		l, _, err := a.MakeLetter(ctx, LetterOptions{Department: o.Department, AsOf: o.AsOf, At: o.At, By: o.By})
		if err == nil {
			return a.toldBy(l)
		}
		if !errors.Is(err, store.ErrNothingToRemind) {
			return nil, err
		}
	}
	doc, err := a.currentDocument(ctx, o.Department, o.AsOf, o.At)
	if err != nil {
		return nil, err
	}
	day := o.AsOf.In(a.Config.Zone).Format(time.DateOnly)
	t := &Telling{Count: len(doc.Items)}
	if t.List, err = a.documentFile(doc, day, "xlsx"); err != nil {
		return nil, err
	}
	reminded := 0
	for i := range doc.Items {
		item := &doc.Items[i]
		if item.Reminded {
			reminded++
			item.Times++
			doc.Times = max(doc.Times, item.Times)
		}
	}
	t.Said = fmt.Sprintf("a list of %d, nothing to remind of", t.Count)
	if reminded == 0 || !o.Draft {
		return t, nil
	}
	t.Said = fmt.Sprintf("a list of %d, a draft of a letter that reminds of %d", t.Count, reminded)
	if t.Letter, err = a.documentFile(doc, day, "docx"); err != nil {
		return nil, err
	}
	t.PDF, err = a.documentFile(doc, day, "pdf")
	return t, err
}

func (a *App) toldBy(l *store.Letter) (*Telling, error) {
	doc, err := documentOf(l)
	if err != nil {
		return nil, err
	}
	t := &Telling{Count: len(doc.Items), Said: fmt.Sprintf("a list of %d, letter %s (reminder %d) of %d", len(doc.Items), l.Label, l.Times, l.Count)}
	for format, file := range map[string]**web.File{"xlsx": &t.List, "docx": &t.Letter, "pdf": &t.PDF} {
		if *file, err = a.documentFile(doc, l.Day, format); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// IsDepartment reports whether a department is configured.
func (a *App) IsDepartment(code string) bool { return a.isDepartment(code) }
