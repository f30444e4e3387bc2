package list

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// gathering collects the answers of all sheets, and the reasons against them.
type gathering struct {
	book   *book
	origin *origin // of the first sheet
	rows   []Answer
	seen   map[string]int // by ID: where in rows
	faults faults
}

// sheet gathers one sheet. The error is one that ends the reading.
func (g *gathering) sheet(sheet sheetRef, h *heading) error {
	if !g.ours(sheet, h) {
		return nil
	}
	var marked []int
	merged, err := g.book.rows(sheet, func(row int, cells []gridCell) error {
		if row == h.row {
			return nil
		}
		ok, err := g.row(sheet.name, row, h, cells)
		if ok {
			marked = append(marked, row)
		}
		return err
	})
	if err != nil {
		return err
	}
	slices.Sort(marked)
	for _, s := range merged {
		i, _ := slices.BinarySearch(marked, s.top)
		if s.left <= h.answer && h.answer <= s.right && i < len(marked) && marked[i] <= s.bottom {
			g.faults.at(sheet.name, marked[i], "ô ý kiến bị gộp với ô khác; hãy bỏ gộp và ghi ý kiến ở từng dòng",
				"the answer's cell is merged with others: part them and answer row by row")
		}
	}
	return nil
}

// ours checks the sheet's heading against what is expected of it and of the sheets
// before.
func (g *gathering) ours(sheet sheetRef, h *heading) bool {
	switch {
	case h.format == 0:
		g.faults.at(sheet.name, h.row, "dấu nhận biết của danh sách đã bị sửa; hãy tải danh sách mới",
			"the list's own mark was changed: take a new list")
	case h.format != Format:
		g.faults.at(sheet.name, h.row, "danh sách thuộc phiên bản khác (%d); hãy tải danh sách mới",
			"the list has format %d, which this program does not read: take a new list", h.format)
	case g.origin != nil && (g.origin.department != h.origin.department || !g.origin.madeAt.Equal(h.origin.madeAt)):
		g.faults.at(sheet.name, h.row, "trang này thuộc danh sách khác với các trang trước; mỗi lần chỉ gửi một danh sách",
			"the sheet belongs to another list than those before: send one list at a time")
	case len(h.missing) > 0:
		for _, title := range h.missing {
			g.faults.at(sheet.name, h.row, "không thấy cột “%s”, hoặc có nhiều cột cùng tên", "the column %q is not there, or twice", title)
		}
	default:
		g.origin = &h.origin
		return true
	}
	return false
}

// row gathers one row; marked tells whether it belongs to the list.
func (g *gathering) row(sheet string, row int, h *heading, cells []gridCell) (marked bool, err error) {
	var code, answer, hidden gridCell
	for _, c := range cells {
		switch c.column {
		case h.code:
			code = c
		case h.answer:
			answer = c
		case h.mark:
			hidden = c
		}
	}
	at := func(vi, en string, args ...any) { g.faults.at(sheet, row, vi, en, args...) }
	var texts [3]string
	for i, c := range []*gridCell{&code, &answer, &hidden} {
		var ok bool
		if texts[i], ok = g.book.shown(c); !ok {
			return false, damaged(fmt.Sprintf("sheet %q, row %d: a cell refers to a text that is not there", sheet, row))
		}
	}
	text := answerText(texts[1])
	if texts[2] == "" && !hidden.formula {
		if text != "" || answer.formula {
			at("dòng có ý kiến nhưng không thuộc danh sách (dấu ẩn của dòng không còn, hoặc dòng do người dùng thêm)",
				"the row has an answer, but is none of the list: its mark is gone, or somebody added it")
		}
		return false, nil
	}
	if _, _, again := parseHeading(texts[2]); again {
		return false, nil // the heading, pasted once more
	}
	m, sum, ok := parseMark(texts[2])
	switch {
	case hidden.formula || code.formula:
		at("mã hồ sơ hoặc dấu ẩn đã bị thay bằng công thức; hãy tải danh sách mới", "the code or the mark was made a formula: take a new list")
		return true, nil
	case !ok:
		at("dấu ẩn của dòng bị hỏng; hãy tải danh sách mới", "the row's mark is damaged: take a new list")
		return true, nil
	case sum != m.sum(h.origin, texts[0]):
		at("mã hồ sơ “%s” không khớp dấu ẩn của dòng (mã bị sửa, chỉ sắp xếp một phần các cột, hoặc dòng chép từ danh sách khác); hãy tải danh sách mới",
			"the code %q does not go with the row's mark: it was changed, only some columns were sorted, or the row comes from another list",
			clip(plain(texts[0]), 60))
		return true, nil
	case answer.formula:
		at("ô ý kiến chứa công thức; hãy ghi bằng chữ", "the answer is a formula: write it as text")
		return true, nil
	case answer.kind == "e":
		at("ô ý kiến báo lỗi (%s); hãy ghi bằng chữ", "the answer is an error value (%s): write it as text", clip(text, 20))
		return true, nil
	}
	if len(g.rows) == mostMarked {
		return true, oversized(fmt.Sprintf("more than %d rows", mostMarked))
	}
	changed := given(text) != m.given
	if n := utf8.RuneCountInString(text); changed && n > mostAnswer {
		at("ý kiến dài %d ký tự; không quá %d", "the answer has %d characters; %d at most", n, mostAnswer)
		return true, nil
	}
	g.keep(Answer{Sheet: sheet, Row: row, ID: m.id, Values: m.values, Code: sameCode(texts[0]), Text: text, Changed: changed})
	return true, nil
}

// keep adds an answer, each discrepancy once: a row that was copied may be answered
// in one of its places, not differently in two.
func (g *gathering) keep(a Answer) {
	i, twice := g.seen[a.ID]
	switch {
	case !twice:
		g.seen[a.ID] = len(g.rows)
		g.rows = append(g.rows, a)
	case g.rows[i].Text == a.Text || a.Text == "":
	case g.rows[i].Text == "":
		g.rows[i] = a
	default:
		g.faults.at(a.Sheet, a.Row, "hồ sơ %s cùng một sai lệch có hai ý kiến khác nhau (xem trang “%s”, dòng %d); hãy giữ một",
			"the discrepancy of %s is answered differently in sheet %q, row %d: keep one", a.Code, g.rows[i].Sheet, g.rows[i].Row)
	}
}
