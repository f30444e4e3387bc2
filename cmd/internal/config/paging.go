package config

import (
	"strings"

	"github.com/doisoat/doisoat/adapter/rest"
)

var pagingWays = []string{"page", "range", "offset", "cursor", "link", "none"}

const pagingRemedy = "write one of page, range, offset, cursor, link; paging: none if one reply holds everything"

// maxPageSize is beyond what any interface allows.
const maxPageSize = 1_000_000

// paging is exactly one way of paging, and the window around it where there is one.
func (v value) paging() (p rest.Paging, window value) {
	if v.scalar() {
		if resolve(v.node).Value != "none" {
			v.fault("is no way of paging", pagingRemedy)
		}
		return p, value{}
	}
	s := v.section(pagingRemedy)
	if s == nil {
		return p, value{}
	}
	window = s.get("window")
	p.HasNext = s.get("has_next").jsonPath("give the path to the reply's word on whether another page follows, such as hasNextPage")
	switch given := s.variants(pagingWays...); {
	case len(given) > 1:
		s.faultShowing("", "has several ways of paging: "+strings.Join(given, ", "), "keep one")
	case len(given) == 0 && !s.misspelt(pagingWays...):
		s.faultShowing("", "names no way of paging", pagingRemedy)
	}
	p.Page = s.get("page").pagePaging()
	p.Range = s.get("range").rangePaging()
	p.Offset = s.get("offset").offsetPaging()
	p.Cursor = s.get("cursor").cursorPaging()
	p.Link = s.get("link").linkPaging()
	s.get("none").empty()
	s.done()
	return p, window
}

// size is the number of items a page holds. Without it a short page could not be
// told from the last one.
func (s *section) size(example int) int {
	return s.need("size", sizeRemedy(example)).integer(0, 1, maxPageSize, sizeRemedy(example))
}

// param is the name of a query parameter.
func (s *section) param(key, example string) string {
	remedy := "give the parameter's name, such as " + example
	return s.need(key, remedy).text(remedy)
}

func (v value) pagePaging() *rest.PagePaging {
	s := v.section("write {param: PageNumber, size_param: PageSize, size: 500, first: 1}")
	if s == nil {
		return nil
	}
	p := &rest.PagePaging{
		Param:     s.param("param", "PageNumber"),
		SizeParam: s.get("size_param").text("give the parameter's name, such as PageSize"),
		Size:      s.size(500),
		First:     s.get("first").integer(1, 0, 1, "write 0 or 1, the number of the first page"),
	}
	s.done()
	return p
}

func (v value) rangePaging() *rest.RangePaging {
	s := v.section("write {start: start, end: end, size: 200}")
	if s == nil {
		return nil
	}
	p := &rest.RangePaging{Start: s.param("start", "start"), End: s.param("end", "end"), Size: s.size(200)}
	s.done()
	return p
}

func (v value) offsetPaging() *rest.OffsetPaging {
	s := v.section("write {offset: offset, limit: limit, size: 200}")
	if s == nil {
		return nil
	}
	p := &rest.OffsetPaging{Offset: s.param("offset", "offset"), Limit: s.get("limit").text("give the parameter's name, such as limit"), Size: s.size(200)}
	s.done()
	return p
}

func (v value) cursorPaging() *rest.CursorPaging {
	s := v.section("write {param: cursor, next: paging.next}")
	if s == nil {
		return nil
	}
	const remedy = "give the path to the next cursor in the reply, such as paging.next"
	p := &rest.CursorPaging{Param: s.param("param", "cursor"), Next: s.need("next", remedy).jsonPath(remedy)}
	p.SizeParam, p.Size = s.optionalSize()
	s.done()
	return p
}

func (v value) linkPaging() *rest.LinkPaging {
	if v.given() && resolve(v.node).Tag == "!!null" {
		return &rest.LinkPaging{}
	}
	s := v.section("write {}, or {size_param: per_page, size: 100}")
	if s == nil {
		return nil
	}
	p := &rest.LinkPaging{}
	p.SizeParam, p.Size = s.optionalSize()
	s.done()
	return p
}

// optionalSize is a page's size and the parameter that asks for it: both or neither.
func (s *section) optionalSize() (param string, size int) {
	p, n := s.get("size_param"), s.get("size")
	param = p.text("give the parameter's name, such as limit")
	size = n.integer(0, 1, maxPageSize, sizeRemedy(100))
	switch {
	case p.given() && !n.given():
		p.fault("is given without size", sizeRemedy(100))
	case n.given() && !p.given():
		n.fault("is given without size_param", "give the name of the parameter that asks for it")
	}
	return param, size
}
