package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/doisoat/doisoat/adapter/deliver/letter"
	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/cmd/internal/config"
	"github.com/doisoat/doisoat/reconcile"
)

// The files' types.
const (
	typeXLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	typeDOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	typePDF  = "application/pdf"
)

// LetterFormats are the files that a letter can be had as.
var LetterFormats = []string{"docx", "pdf", "xlsx"}

// LetterFile is a registered letter as docx or pdf, or its list as xlsx: always what
// it said when it was made.
func (a *App) LetterFile(l *store.Letter, format string) (*web.File, error) {
	doc, err := documentOf(l)
	if err != nil {
		return nil, err
	}
	return a.documentFile(doc, l.Day, format)
}

// documentFile is a document as a file; a draft has no number.
func (a *App) documentFile(doc *letterDocument, day, format string) (*web.File, error) {
	zone := a.Config.Zone
	switch format {
	case "xlsx":
		return &web.File{
			Name: fileName(doc.Department, "danh-sach", day, format), ContentType: typeXLSX,
			Write: func(w io.Writer) error { return doc.writeList(w, zone) },
		}, nil
	case "pdf":
		return &web.File{
			Name: fileName(doc.Department, "phieu-don-doc", day, format), ContentType: typePDF,
			Write: func(w io.Writer) error { return letter.WritePDF(w, doc.letter(zone)) },
		}, nil
	case "docx":
		template, err := letter.LoadTemplate(a.delivery().Templates.Letter)
		if err != nil {
			return nil, err
		}
		return &web.File{
			Name: fileName(doc.Department, "phieu-don-doc", day, format), ContentType: typeDOCX,
			Write: func(w io.Writer) error { return letter.WriteDocx(w, doc.letter(zone), template) },
		}, nil
	}
	return nil, fmt.Errorf("a letter cannot be had as %q; there are %v", format, LetterFormats)
}

// unsafe is what is not put into a file's name.
var unsafe = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// fileName is of ASCII. A code with other letters in it gets something of its own
// besides, so that no two departments share a name.
func fileName(department, what, day, format string) string {
	name := unsafe.ReplaceAllString(department, "_")
	if name != department {
		sum := sha256.Sum256([]byte(department))
		name += "-" + hex.EncodeToString(sum[:3])
	}
	return fmt.Sprintf("%s-%s-%s.%s", name, what, day, format)
}

// CurrentList is a department's list as things stand.
func (a *App) CurrentList(ctx context.Context, department string, asOf, at time.Time) (*web.File, error) {
	doc, err := a.currentDocument(ctx, department, asOf, at)
	if err != nil {
		return nil, err
	}
	return a.documentFile(doc, asOf.In(a.Config.Zone).Format(time.DateOnly), "xlsx")
}

func (a *App) currentDocument(ctx context.Context, department string, asOf, at time.Time) (*letterDocument, error) {
	rules, err := a.listRules(ctx, asOf, at)
	if err != nil {
		return nil, err
	}
	told, err := a.listOf(ctx, department, rules)
	if err != nil {
		return nil, err
	}
	held, err := a.Store.HeldRuns(ctx)
	if err != nil {
		return nil, err
	}
	return a.document(told, asOf, len(held) > 0), nil
}

// apologyLimit bounds how many forms stand in one file.
const apologyLimit = 500

// Apology is the forms of apology and new appointment for a department's dossiers
// that are overdue by the verified account: in progress, and past their due date.
// nil where there is none.
func (a *App) Apology(ctx context.Context, department string, asOf time.Time) (*web.File, error) {
	late, err := a.overdue(ctx, department, asOf)
	if err != nil || len(late) == 0 {
		return nil, err
	}
	template, err := letter.LoadApologyTemplate(a.delivery().Templates.Apology)
	if err != nil {
		return nil, err
	}
	d := a.delivery()
	form := &letter.Apology{
		Parent: d.Organisation.Parent, Department: a.departmentName(department), Centre: d.Organisation.Name, Place: d.Organisation.Place,
		Zone: a.Config.Zone, Items: late,
	}
	day := asOf.In(a.Config.Zone).Format(time.DateOnly)
	return &web.File{
		Name: fileName(department, "xin-loi-hen-lai", day, "docx"), ContentType: typeDOCX,
		Write: func(w io.Writer) error { return letter.WriteApologyDocx(w, form, template) },
	}, nil
}

// overdue are a department's dossiers that are late in truth and not ended, by code.
// A dossier of which neither side can be used is not called late.
func (a *App) overdue(ctx context.Context, department string, asOf time.Time) ([]letter.ApologyItem, error) {
	rules, err := a.Rules(ctx, asOf, TrustNobody)
	if err != nil {
		return nil, err
	}
	var lock sync.Mutex
	var late []letter.ApologyItem
	err = a.eachOutcome(ctx, rules, func() (func(*reconcile.Outcome), func()) {
		return func(out *reconcile.Outcome) {
			v := out.Deadline.Verified
			if out.Department != department || v == nil || v.Ended || !v.Late || !out.Compared {
				return
			}
			item := letter.ApologyItem{Code: out.Code, DueAt: out.Deadline.Due}
			for _, rec := range [...]*reconcile.Record{out.Pair.Office, out.Pair.Platform} {
				if rec != nil {
					if rec.Procedure != "" {
						item.Procedure = rec.Procedure
					}
					if rec.ReceivedAt.Known() {
						item.ReceivedAt = rec.ReceivedAt
					}
				}
			}
			lock.Lock()
			defer lock.Unlock()
			late = append(late, item)
		}, func() {}
	})
	slices.SortFunc(late, func(a, b letter.ApologyItem) int { return strings.Compare(a.Code, b.Code) })
	return late[:min(len(late), apologyLimit)], err
}

// checkTemplates tells what is wrong with templates of the site's own.
func checkTemplates(d *config.Deliver) []error {
	if d == nil {
		return nil
	}
	var faults []error
	if d.Templates.Letter != "" {
		if _, err := letter.LoadTemplate(d.Templates.Letter); err != nil {
			faults = append(faults, err)
		}
	}
	if d.Templates.Apology != "" {
		if _, err := letter.LoadApologyTemplate(d.Templates.Apology); err != nil {
			faults = append(faults, err)
		}
	}
	return faults
}
