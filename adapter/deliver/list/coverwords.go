package list

import (
	"fmt"

	"github.com/doisoat/doisoat/reconcile"
)

const coverTitle = "DANH SÁCH HỒ SƠ CẦN ĐỐI SOÁT"

// heldWords is what the cover says while the mass-change breaker holds.
const heldWords = "LƯU Ý: lần đối soát gần nhất có thay đổi bất thường và đang được Trung tâm kiểm tra; " +
	"số liệu trong danh sách này có thể còn điều chỉnh. Đề nghị chưa sửa hàng loạt cho đến khi Trung tâm thông báo."

// verdictWords sums the list up in a few sentences. That the platform reports
// lateness falsely is the platform's figure to correct, and said so.
func verdictWords(t *tally) (sentences []string) {
	if t.all.rows == 0 {
		return []string{"Không có hồ sơ nào cần sửa: số liệu trên hệ thống và trong sổ của phòng khớp nhau, hoặc chênh lệch còn trong thời gian chờ đồng bộ."}
	}
	sentences = append(sentences, fmt.Sprintf("Có %d hồ sơ cần đối soát (%d dòng); phòng đã có ý kiến ở %d dòng.",
		t.dossiers(), t.all.rows, t.all.answered))
	if n := t.with(reconcile.FalseOverdue); n > 0 {
		sentences = append(sentences, fmt.Sprintf("%d hồ sơ hệ thống đang báo quá hạn nhưng thực tế trong hạn: đây là số liệu của hệ thống cần được sửa lại, "+
			"không phải hồ sơ phòng giải quyết trễ.", n))
	}
	if n := t.with(reconcile.HiddenOverdue); n > 0 {
		sentences = append(sentences, fmt.Sprintf("%d hồ sơ thực tế đã quá hạn nhưng hệ thống chưa thể hiện: đề nghị ưu tiên kiểm tra, giải quyết trước.", n))
	}
	return sentences
}

// howTo tells how to fill the list in and send it back.
func howTo(l *List) []string {
	steps := []string{
		"1. Ở mỗi trang (thẻ ở cuối màn hình), làm theo cột “Việc cần làm”, rồi ghi kết quả hoặc lý do vào cột “Ý kiến của phòng” (ô nền vàng), không quá 1000 ký tự.",
		"2. " + privacy + ".",
		"3. Có thể lọc, sắp xếp, xóa dòng, thêm cột; không sửa mã hồ sơ, không đổi tên cột, không gộp ô, không chép dòng từ danh sách khác.",
		"4. Lưu lại dạng .xlsx (Excel hoặc LibreOffice) và tải lên trang của phòng, hoặc gửi lại Trung tâm. Dòng chưa có ý kiến để trống.",
		"5. Hồ sơ đã sửa sẽ tự ra khỏi danh sách sau lần đối soát kế tiếp; danh sách cũ không nhận lại được, hãy tải danh sách mới.",
	}
	if !l.AnswerBy.IsZero() {
		steps = append(steps, "6. Đề nghị trả lời trước "+words{l.Zone}.time(l.AnswerBy)+".")
	}
	return steps
}

func sideWords(side reconcile.Side) string {
	switch side {
	case reconcile.Platform:
		return "Hệ thống"
	case reconcile.Office:
		return "Phòng"
	}
	return string(side)
}

// freshWords tells whether what a source said last still counts as new.
func freshWords(s *Freshness) string {
	text := "Đã cập nhật"
	switch {
	case s.ReadAt.IsZero():
		text = "Chưa đọc được lần nào"
	case s.Stale:
		text = "Số liệu cũ"
	}
	if s.Reason != "" {
		text += ": " + s.Reason
	}
	return text
}
