package world

import "github.com/doisoat/doisoat/reconcile"

const (
	bookLayout = "02/01/2006 15:04:05"
	bookDay    = "02/01/2006"
)

// bookHeadings are the tracking book's columns, in the order of the col…
// constants. An Excel book has STT before them and Ghi chú behind.
var bookHeadings = [columns]string{
	"Mã hồ sơ", "Thủ tục", "Ngày nhận", "Ngày hẹn trả", "Gia hạn đến",
	"Ngày hoàn thành", "Ngày trả kết quả", "Tình trạng", "Cập nhật", "Ghi chú",
}

// bookWords are the statuses as clerks write them.
var bookWords = map[reconcile.Status]string{
	reconcile.Registered: "Mới nộp",
	reconcile.Received:   "Đã nhận",
	reconcile.Refused:    "Từ chối tiếp nhận",
	reconcile.Processing: "Đang giải quyết",
	reconcile.Supplement: "Chờ bổ sung",
	reconcile.Payment:    "Chờ nộp thuế",
	reconcile.Withdrawn:  "Công dân rút",
	reconcile.Stopped:    "Trả lại hồ sơ",
	reconcile.Resolved:   "Đã giải quyết",
	reconcile.Returned:   "Đã trả kết quả",
}

// bookRow writes a record as a tracking book's row of texts.
func bookRow(r Record) [columns]string {
	var row [columns]string
	row[colCode], row[colProcedure], row[colNote] = r.Code, r.Procedure, r.Note
	row[colStatus] = bookWords[r.Status]
	if r.RawStatus != "" {
		row[colStatus] = r.RawStatus
	}
	for _, d := range r.dates() {
		row[d.column] = write(*d.moment, bookLayout, bookDay)
	}
	if r.Garbled != "" {
		row[colReceived] = r.Garbled
	}
	return row
}

// readBookRow is the reverse of bookRow. What it cannot read it keeps as
// RawStatus or Garbled.
func readBookRow(row [columns]string) Record {
	r := Record{Code: row[colCode], Procedure: row[colProcedure], Note: row[colNote]}
	word := compose(row[colStatus])
	r.RawStatus = word
	for status, w := range bookWords {
		if w == word {
			r.Status, r.RawStatus = status, ""
		}
	}
	for _, d := range r.dates() {
		m, ok := read(row[d.column], bookLayout, bookDay)
		if !ok {
			r.Garbled = row[d.column]
			continue
		}
		*d.moment = m
	}
	return r
}
