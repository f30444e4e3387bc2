package letter

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/doisoat/doisoat/adapter/deliver/ooxml"
	"github.com/doisoat/doisoat/reconcile"
)

// Apology is a bundle of forms "Phiếu xin lỗi và hẹn lại ngày trả kết quả" (form 04
// of TT 03/2025/TT-VPCP), one page a dossier. What we know is filled in; who is
// addressed, the reason, the new date and the signature are dotted lines for the
// department to fill in.
type Apology struct {
	Parent     string // cơ quan chủ quản; "" leaves its line out
	Department string // which has to apologise: the form is its letter
	Centre     string // where the dossier was received
	Place      string
	Zone       *time.Location
	Items      []ApologyItem
}

// ApologyItem is a dossier that is late in truth.
type ApologyItem struct {
	Code              string
	Procedure         string
	ReceivedAt, DueAt reconcile.Moment
}

// unknown is a blank for what we do not know.
const unknown = "……………………"

// WriteApologyDocx writes the forms; nil is the shipped template. ErrNothing is told
// of a bundle without dossiers.
func WriteApologyDocx(w io.Writer, a *Apology, t *ApologyTemplate) error {
	switch {
	case len(a.Items) == 0:
		return ErrNothing
	case a.Zone == nil:
		return errors.New("apology: Zone is not given")
	case a.Department == "":
		return errors.New("apology: Department is not given")
	}
	if t == nil {
		var err error
		if t, err = LoadApologyTemplate(""); err != nil {
			return err
		}
	}
	centre := a.Centre
	if centre == "" {
		centre = "Bộ phận Tiếp nhận và Trả kết quả"
	}
	data := &ooxml.Data{
		Values: map[string]string{
			"co_quan_chu_quan":     a.Parent,
			"co_quan_chu_quan_hoa": strings.ToUpper(a.Parent),
			"co_quan":              a.Department,
			"co_quan_hoa":          strings.ToUpper(a.Department),
			"trung_tam":            centre,
			"dia_danh":             orDots(a.Place),
		},
		Conditions: map[string]bool{"neu_chu_quan": a.Parent != ""},
		Lists:      map[string][]ooxml.Item{},
	}
	for i, item := range a.Items {
		data.Lists["hs"] = append(data.Lists["hs"], ooxml.Item{
			"stt":       fmt.Sprint(i + 1),
			"ma":        orUnknown(item.Code),
			"tthc":      orUnknown(item.Procedure),
			"tiep_nhan": a.moment(item.ReceivedAt),
			"hen_tra":   a.moment(item.DueAt),
		})
	}
	if err := t.t.Fill(w, data); err != nil {
		return fmt.Errorf("apology of %s: %w", a.Department, err)
	}
	return nil
}

// orDots leaves room for a place that nobody named.
func orDots(place string) string {
	if place == "" {
		return "……………"
	}
	return place
}

func orUnknown(s string) string {
	if s == "" {
		return unknown
	}
	return s
}

// moment is written out, as the form has it.
func (a *Apology) moment(m reconcile.Moment) string {
	if !m.Known() {
		return "ngày …… tháng …… năm ………"
	}
	t := m.Time.In(a.Zone)
	if m.DateOnly {
		return longDate(t)
	}
	return fmt.Sprintf("%02d giờ %02d, %s", t.Hour(), t.Minute(), longDate(t))
}
