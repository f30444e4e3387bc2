package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/doisoat/doisoat/adapter/rest"
	"github.com/doisoat/doisoat/reconcile"
)

// defaultWindowStart is where a full poll in windows begins if the file does not
// say: electronic one-stop records start in 2015 (QĐ 09/2015/QĐ-TTg).
const defaultWindowStart = "2015-01-01"

func (v value) restList(zone *time.Location) rest.List {
	s := v.section("write keys such as path, items, paging")
	if s == nil {
		return rest.List{}
	}
	const pathRemedy = "give the path of the call that lists dossiers, such as /api/v1/hoso"
	l := rest.List{
		Path:  s.need("path", pathRemedy).urlPath(pathRemedy),
		Query: s.get("query").texts("write parameter names and values"),
		Items: s.get("items").jsonPath("give the path to the array in the reply; \"\" where the reply is the array"),
		Total: s.get("total").jsonPath("give the path to the declared total; \"\" where there is none"),
		OK:    s.get("ok").verdict(),
		Since: s.get("since").since(zone),
		Body:  s.get("body").body(),
	}
	l.Method = s.method(l.Body != nil)
	paging := s.need("paging", "write one of page, range, offset, cursor, link; paging: none if one reply holds everything")
	var inner value
	l.Paging, inner = paging.paging()
	l.Window = inner.window(zone)
	if outer := s.get("window"); outer.given() {
		if inner.given() {
			outer.faultShowing("", "is given beside paging.window", "keep one of the two")
		}
		l.Window = outer.window(zone)
	}
	if l.Items == "" && (l.Total != "" || l.Paging.HasNext != "" || l.OK != nil) {
		s.faultShowing("", "names no items, but something beside them in the reply", "give the path to the array in items; a reply that is the array itself holds no total and no verdict")
	}
	s.done()
	return l
}

// jsonPath is a path of keys into a reply; "" is the reply itself.
func (v value) jsonPath(remedy string) string {
	path := v.textOrEmpty(remedy)
	if path != "" && slices.Contains(strings.Split(path, "."), "") {
		v.fault("has an empty step", "write keys with single dots between them, such as data.items")
		return ""
	}
	return path
}

func (v value) window(zone *time.Location) *rest.Window {
	s := v.section(`write {from: from_date, to: to_date, layout: yyyy-MM-dd, max: 120h, start: "2018-01-01"}`)
	if s == nil {
		return nil
	}
	w := &rest.Window{Zone: s.get("zone").zone(zone)}
	w.From = s.get("from").textOrEmpty("give the parameter's name")
	w.To = s.get("to").textOrEmpty("give the parameter's name")
	w.Layout = s.need("layout", "give the pattern in which dates are sent, such as yyyy-MM-dd").layout()
	w.Max = s.need("max", "give how much time one call may span, such as 120h").duration(0, time.Minute, "give how much time one call may span, such as 120h for five days")
	if unit := layoutUnit(w.Layout); w.Layout != "" && w.Max > 0 && w.Max < unit {
		s.get("max").fault("is shorter than what the layout can tell", "write at least "+reconcile.ShowDuration(unit)+", or a layout with more in it")
	}
	w.Start = s.get("start").moment(w.Zone)
	s.done()
	return w
}

// moment is a day or an RFC 3339 moment at which windows begin.
func (v value) moment(zone *time.Location) time.Time {
	const remedy = "write a day such as 2018-01-01"
	text := v.text(remedy)
	if text == "" {
		text = defaultWindowStart
	}
	t, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil {
		t, err = time.Parse(time.RFC3339, text)
	}
	if err != nil || t.Year() < 1990 || t.Year() > 2200 {
		v.fault("is no day from 1990 on", remedy)
		return time.Time{}
	}
	return t
}

func (v value) since(zone *time.Location) *rest.Since {
	s := v.section("write {param: updatedFrom, layout: yyyyMMddHHmmss, overlap: 10m}")
	if s == nil {
		return nil
	}
	since := &rest.Since{
		Param:   s.get("param").textOrEmpty("give the parameter's name"),
		Layout:  s.need("layout", "give the pattern in which the moment is sent, such as yyyyMMddHHmmss").layout(),
		Overlap: s.get("overlap").duration(defaultOverlap, 0, "write how far to look back behind the last poll, such as 10m"),
		Zone:    s.get("zone").zone(zone),
	}
	s.done()
	return since
}

// defaultOverlap makes up for clocks that differ and for transactions that were
// still open at the last poll.
const defaultOverlap = 10 * time.Minute

func (v value) restOne() *rest.One {
	s := v.section(`write {path: "/api/v1/hoso/{code}"}`)
	if s == nil {
		return nil
	}
	const remedy = `give the path of the call that reads one dossier, such as "/api/v1/hoso/{code}"`
	o := &rest.One{
		Path:  s.need("path", remedy).urlPath(remedy),
		Query: s.get("query").texts("write parameter names and values"),
		Item:  s.get("item").jsonPath("give the path to the dossier in the reply; \"\" where the reply is it"),
		OK:    s.get("ok").verdict(),
		Body:  s.get("body").body(),
	}
	o.Method = s.method(o.Body != nil)
	s.done()
	return o
}

// sizeRemedy tells what a page's size is.
func sizeRemedy(example int) string {
	return fmt.Sprintf("give how many items one page holds, such as %d", example)
}
