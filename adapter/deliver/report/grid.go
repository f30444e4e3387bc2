package report

import (
	"fmt"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// grid is a table as every format writes it.
type grid struct {
	widths []float64 // millimetres
	head   [][]headCell
	rows   [][]any // string, int, delta or clock
	total  bool    // the last row is the line of totals
	center []int   // columns that are centred
	keep   bool    // stay on the page of what follows
}

// headCell is a cell of the heading.
type headCell struct {
	text       string
	cols, rows int
	below      bool // covered by one above
}

// delta is a difference: it is written with its sign.
type delta int

func (d delta) String() string {
	if d == 0 {
		return "0"
	}
	return fmt.Sprintf("%+d", int(d))
}

// clock is a moment in the report's zone; a workbook takes it as a real date.
type clock struct{ time.Time }

// shown is a value as documents write it; numbers stand right.
func shown(v any) (text string, number bool) {
	switch v := v.(type) {
	case int:
		return fmt.Sprint(v), true
	case delta:
		return v.String(), true
	case clock:
		return v.Format("02/01/2006 15:04"), false
	case string:
		return v, false
	}
	return fmt.Sprint(v), false
}

var under = headCell{below: true}

func tall(text string, rows int) headCell { return headCell{text: text, rows: rows} }
func wide(text string, cols int) headCell { return headCell{text: text, cols: cols} }
func one(text string) headCell            { return headCell{text: text} }

// countsGrid is the report's own table by one account, or the difference.
func (r *Report) countsGrid(account reconcile.Account) *grid {
	g := &grid{
		widths: []float64{10, 60, 19, 19, 19, 19, 19},
		total:  true, center: []int{0},
		head: [][]headCell{
			{tall("STT", 2), tall(r.rowsAre(), 2), tall("Tổng số", 2), wide("Đã giải quyết", 2), wide("Đang giải quyết", 2)},
			{under, under, under, one("Đúng hạn"), one("Quá hạn"), one("Trong hạn"), one("Quá hạn")},
		},
	}
	line := func(n any, row *Row) []any {
		figures := func(c reconcile.Counts) []int {
			return []int{c.Total(), c.ResolvedOnTime, c.ResolvedLate, c.InProgressOnTime, c.InProgressOverdue}
		}
		return append([]any{n, row.Name}, by(account, figures(row.Reported), figures(row.Verified))...)
	}
	g.fill(r, line)
	return g
}

// formGrid is form II.06a by one account.
func (r *Report) formGrid(account reconcile.Account) *grid {
	g := &grid{
		widths: []float64{10, 52, 22, 17, 20, 17, 22, 17, 17, 17, 20, 17, 17},
		total:  true, center: []int{0},
		head: [][]headCell{
			{tall("STT", 3), tall(r.rowsAre(), 3), wide("Số hồ sơ nhận giải quyết", 4), wide("Số hồ sơ đã giải quyết", 4), wide("Số hồ sơ đang giải quyết", 3)},
			{under, under, tall("Tổng số", 2), wide("Trong kỳ", 2), tall("Từ kỳ trước", 2),
				tall("Tổng số", 2), tall("Trước hạn", 2), tall("Đúng hạn", 2), tall("Quá hạn", 2),
				tall("Tổng số", 2), tall("Trong hạn", 2), tall("Quá hạn", 2)},
			{under, under, under, one("Trực tuyến"), one("Trực tiếp, dịch vụ bưu chính"), under, under, under, under, under, under, under, under},
			{one("(1)"), one("(2)"), one("(3)=(4)+\n(5)+(6)"), one("(4)"), one("(5)"), one("(6)"),
				one("(7)=(8)+\n(9)+(10)"), one("(8)"), one("(9)"), one("(10)"), one("(11)=(12)\n+(13)"), one("(12)"), one("(13)")},
		},
	}
	figures := func(f reconcile.FormCounts) []int {
		return []int{
			f.Online + f.InPerson + f.CarriedOver, f.Online, f.InPerson, f.CarriedOver,
			f.Early + f.OnTime + f.Late, f.Early, f.OnTime, f.Late,
			f.InProgressOnTime + f.InProgressOverdue, f.InProgressOnTime, f.InProgressOverdue,
		}
	}
	g.fill(r, func(n any, row *Row) []any {
		return append([]any{n, row.Name}, by(account, figures(row.FormReported), figures(row.FormVerified))...)
	})
	return g
}

func (g *grid) fill(r *Report, line func(n any, row *Row) []any) {
	for i := range r.Rows {
		g.rows = append(g.rows, line(i+1, &r.Rows[i]))
	}
	total := r.total()
	g.rows = append(g.rows, line("", &total))
}

// by chooses an account's figures.
func by(account reconcile.Account, reported, verified []int) []any {
	out := make([]any, len(reported))
	for i := range out {
		switch account {
		case reconcile.AccountReported:
			out[i] = reported[i]
		case reconcile.AccountVerified:
			out[i] = verified[i]
		default:
			out[i] = delta(verified[i] - reported[i])
		}
	}
	return out
}

// sourcesGrid tells how fresh the sources are.
func (r *Report) sourcesGrid() *grid {
	return &grid{
		widths: []float64{10, 65, 35, 25, 30},
		head:   [][]headCell{{one("STT"), one("Nguồn"), one("Đọc lần cuối"), one("Số bản ghi"), one("Tình trạng")}},
		rows:   r.freshness(), center: []int{0, 2}, keep: true,
	}
}

// annexGrid is the heading of the dossiers behind the differences; its rows are never
// held all at once.
func annexGrid() *grid {
	return &grid{
		widths: []float64{12, 50, 42, 42, 50, 66},
		head:   [][]headCell{{one("STT"), one("Mã hồ sơ"), one("Hệ thống báo cáo"), one("Sau đối soát"), one("Ảnh hưởng đến hạn"), one("Lý do")}},
	}
}
