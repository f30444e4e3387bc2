package pages

// viWhy are the phrases of why a dossier is on the list.
var viWhy = phrases{
	"why.resolved_not_closed":      "Phòng đã giải quyết xong (“{o.status}”, {o.end}), nhưng trên hệ thống hồ sơ vẫn ở trạng thái “{p.status}”.",
	"why.closed_in_progress":       "Trên hệ thống hồ sơ đã kết thúc (“{p.status}”, {p.end}), nhưng theo sổ của phòng vẫn đang ở trạng thái “{o.status}”.",
	"why.outcome_mismatch":         "Hai bên đều đã kết thúc nhưng kết quả khác nhau: hệ thống ghi “{p.status}”, phòng ghi “{o.status}”.",
	"why.pause_mismatch":           "Một bên ghi đang tạm dừng, bên kia vẫn đang xử lý: hệ thống ghi “{p.status}”, phòng ghi “{o.status}”.",
	"why.completion_date_mismatch": "Ngày kết thúc không trùng nhau: hệ thống ghi {p.end}, phòng ghi {o.end}.",
	"why.due_date_mismatch":        "Hạn trả không trùng nhau: hệ thống ghi {p.due}, phòng ghi {o.due}.",
	"why.department_mismatch":      "Hệ thống giao hồ sơ cho {p.department}, nhưng {o.department} đang theo dõi trong sổ.",
	"why.missing_in_office":        "Hồ sơ có trên hệ thống (“{p.status}”) nhưng không thấy trong sổ của phòng, dù sổ đã được đọc đầy đủ.",
	"why.missing_on_platform":      "Hồ sơ có trong sổ của phòng (“{o.status}”) nhưng không thấy trên hệ thống, dù dữ liệu hệ thống đã được đọc đầy đủ.",
	"why.unmapped_status":          "Nguồn {source} ghi trạng thái “{value}” mà bảng ánh xạ chưa biết. Việc bổ sung là của Trung tâm, không phải thiếu sót của phòng.",
	"why.duplicate_code.platform":  "Trên hệ thống, mã này có nhiều bản ghi khác nội dung.",
	"why.duplicate_code.office":    "Trong sổ của phòng, mã này nằm ở nhiều dòng khác nội dung.",
	"why.invalid_record.platform":  "Ngày tháng của hồ sơ trên hệ thống không hợp lý (ví dụ kết thúc trước khi tiếp nhận, hoặc thiếu ngày kết thúc).",
	"why.invalid_record.office":    "Ngày tháng của hồ sơ trong sổ của phòng không hợp lý (ví dụ kết thúc trước khi tiếp nhận, hoặc thiếu ngày kết thúc).",
	"why.reopened.platform":        "Trên hệ thống, hồ sơ đã từng kết thúc rồi được mở lại; hiện ở trạng thái “{p.status}”.",
	"why.reopened.office":          "Trong sổ của phòng, hồ sơ đã từng kết thúc rồi được mở lại; hiện ở trạng thái “{o.status}”.",
	"why.backdated_close.platform": "Trên hệ thống, ngày kết thúc được ghi là {p.end}, sớm hơn lúc dữ liệu đã đọc cho thấy hồ sơ còn đang xử lý.",
	"why.backdated_close.office":   "Trong sổ của phòng, ngày kết thúc được ghi là {o.end}, sớm hơn lúc dữ liệu đã đọc cho thấy hồ sơ còn đang xử lý.",
	"why.no_date":                  "chưa ghi ngày",

	"effect.says.false_overdue":  "Hệ thống đang báo quá hạn nhưng thực tế hồ sơ trong hạn: cần sửa số liệu của hệ thống, không phải phòng trễ hạn.",
	"effect.says.hidden_overdue": "Hệ thống ghi trong hạn nhưng thực tế hồ sơ đã quá hạn: cần thể hiện đúng, xin lỗi và hẹn lại ngày trả.",

	"grace.over":      "Hai bên được phép lệch nhau %[1]s làm việc. Tính từ %[2]s (%[3]s), đến nay đã %[4]s làm việc; thời gian cho phép hết lúc %[5]s.",
	"grace.running":   "Hai bên được phép lệch nhau %[1]s làm việc. Tính từ %[2]s (%[3]s), đến nay mới %[4]s làm việc; thời gian cho phép hết lúc %[5]s.",
	"grace.days":      "Cách tính từng ngày",
	"grace.working":   "Giờ làm việc",
	"grace.why":       "Ghi chú",
	"grace.uncovered": "Lịch nghỉ lễ chưa có các năm:",
}
