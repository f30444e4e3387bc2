package list

import "github.com/doisoat/doisoat/reconcile"

// The sheets of a list: the cover, then reconcile.Corrections by their labels.
const coverSheet = "Tổng hợp"

// column is a place in a row, counted from 1.
type column int

// The columns, as a clerk knows them, then the hidden one that tells which
// discrepancy a row is about.
const (
	colNumber column = 1 + iota
	colCode
	colProcedure
	colReceived
	colDue
	colPlatform
	colOffice
	colKind
	colEffect
	colSince
	colTimes
	colTask
	colAnswer
	colMark
)

// columnSpec is how a column looks.
type columnSpec struct {
	title string
	width float64 // in characters of the default font
	style styleName
}

// columns lists the visible columns in order. The widths add up to what A4
// landscape still prints legibly; a date must fit its own, for numbers never wrap.
var columns = [...]columnSpec{
	colNumber - 1:    {"STT", 6, styleNumber},
	colCode - 1:      {"Mã hồ sơ", 26, styleText},
	colProcedure - 1: {"Thủ tục", 12, styleText},
	colReceived - 1:  {"Ngày tiếp nhận", 16, styleMoment},
	colDue - 1:       {"Hẹn trả", 16, styleMoment},
	colPlatform - 1:  {"Tình trạng trên hệ thống", 22, styleText},
	colOffice - 1:    {"Tình trạng tại phòng", 22, styleText},
	colKind - 1:      {"Sai lệch", 20, styleText},
	colEffect - 1:    {"Ảnh hưởng đến hạn", 18, styleText},
	colSince - 1:     {"Đã sai lệch từ", 16, styleMoment},
	colTimes - 1:     {"Lần nhắc", 7, styleNumber},
	colTask - 1:      {"Việc cần làm", 32, styleText},
	colAnswer - 1:    {"Ý kiến của phòng", 32, styleAnswer},
}

// mostAnswer is how many characters an answer may have.
const mostAnswer = 1000

// mostSheetRows is how many rows a worksheet can hold (ECMA-376), less the heading.
const mostSheetRows = 1<<20 - 1

// askings tells on the cover what each sheet asks.
var askings = map[reconcile.Correction]string{
	reconcile.CorrectPlatform: "Cập nhật trên hệ thống; sổ của phòng giữ nguyên, trừ khi cột “Việc cần làm” ghi khác.",
	reconcile.CorrectOffice:   "Cập nhật sổ hoặc phần mềm theo dõi của phòng.",
	reconcile.CorrectVerify:   "Đối chiếu với hồ sơ gốc trước, xác định bên nào đúng rồi mới sửa.",
}

// empties is what an empty sheet says.
var empties = map[reconcile.Correction]string{
	reconcile.CorrectPlatform: "Không có hồ sơ nào cần xử lý trên hệ thống.",
	reconcile.CorrectOffice:   "Không có hồ sơ nào cần cập nhật trong sổ của phòng.",
	reconcile.CorrectVerify:   "Không có hồ sơ nào cần xác minh.",
}
