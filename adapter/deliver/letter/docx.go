package letter

import (
	"fmt"
	"io"
	"strings"

	"github.com/doisoat/doisoat/adapter/deliver/ooxml"
)

// WriteDocx writes the letter that the template makes of l; nil is the shipped
// template. ErrNothing is told of a letter without items.
func WriteDocx(w io.Writer, l *Letter, t *Template) error {
	if err := l.check(); err != nil {
		return err
	}
	if t == nil {
		var err error
		if t, err = LoadTemplate(""); err != nil {
			return err
		}
	}
	if err := t.t.Fill(w, l.data()); err != nil {
		return fmt.Errorf("letter to %s: %w", l.To, err)
	}
	return nil
}

func (l *Letter) data() *ooxml.Data {
	g := l.groups()
	rows := func(items []*Item) []ooxml.Item {
		all := make([]ooxml.Item, len(items))
		for i, item := range items {
			all[i] = l.fields(i+1, item)
		}
		return all
	}
	all := make([]*Item, len(l.Items))
	for i := range l.Items {
		all[i] = &l.Items[i]
	}
	return &ooxml.Data{
		Values: map[string]string{
			"co_quan_chu_quan":     l.Parent,
			"co_quan_chu_quan_hoa": strings.ToUpper(l.Parent),
			"co_quan":              l.Centre,
			"co_quan_hoa":          strings.ToUpper(l.Centre),
			"so":                   l.number(),
			"dia_danh":             orDots(l.Place),
			"ngay":                 l.date(l.Day),
			"ngay_thang":           longDate(l.Day.In(l.Zone)),
			"lan":                  fmt.Sprint(max(l.Times, 1)),
			"noi_nhan":             l.To,
			"ky":                   l.Period,
			"thoi_diem":            l.hour(l.AsOf),
			"han_tra_loi":          l.hour(l.AnswerBy),
			"tong":                 fmt.Sprint(len(l.Items)),
			"so_ho_so":             fmt.Sprint(l.dossiers()),
			"so_bao_sai":           fmt.Sprint(len(g.falseOverdue)),
			"so_tre":               fmt.Sprint(len(g.hidden)),
			"so_khac":              fmt.Sprint(len(g.other)),
			"chuc_vu":              l.Signer.Title,
			"chuc_vu_hoa":          strings.ToUpper(l.Signer.Title),
			"nguoi_ky":             l.Signer.Name,
		},
		Conditions: map[string]bool{
			"neu_chu_quan": l.Parent != "",
			"neu_du_thao":  l.Number == "",
			"neu_ky":       l.Period != "",
			"neu_nhac_lai": l.Times > 1,
			"neu_bao_sai":  len(g.falseOverdue) > 0,
			"neu_tre":      len(g.hidden) > 0,
			"neu_khac":     len(g.other) > 0,
			"neu_xin_loi":  len(g.hidden)+len(g.other) > 0,
		},
		Lists: map[string][]ooxml.Item{
			"hs":      rows(all),
			"bao_sai": rows(g.falseOverdue),
			"tre":     rows(g.hidden),
			"khac":    rows(g.other),
		},
	}
}
