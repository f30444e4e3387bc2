package pages

// viCommon are the phrases of what surrounds pages, what they say after something was done, faults, signing in.
var viCommon = phrases{
	"product": "Đối soát hồ sơ",

	"skip": "Đến nội dung chính",

	"total": "Tổng số",

	"yes": "Có",

	"no": "Không",

	"technical": "Chi tiết kỹ thuật",

	"crumbs": "Đường dẫn",

	"refused": "Chưa thực hiện được, chưa có gì thay đổi:",

	"language.other": "English",

	"demo.word": "Bản dùng thử.",
	"demo.what": "Trang này tự đăng nhập, chỉ dùng được trên chính máy này; hồ sơ trong đây được dựng ra, không phải hồ sơ thật.",

	"foot.what": "Chỉ đối chiếu mã, trạng thái và ngày tháng của hồ sơ; không lưu thông tin của công dân.",

	"nav.label":      "Các trang",
	"nav.overview":   "Tổng quan",
	"nav.list":       "Danh sách",
	"nav.answers":    "Nộp ý kiến",
	"nav.report":     "Báo cáo",
	"nav.letters":    "Phiếu đôn đốc",
	"nav.deliveries": "Gửi đi",
	"nav.sources":    "Nguồn dữ liệu",
	"nav.accounts":   "Tài khoản",
	"nav.audit":      "Nhật ký",

	"me.signed_in": "Đã đăng nhập: ",
	"me.password":  "Đổi mật khẩu",
	"me.tokens":    "Mã truy cập API",
	"me.logout":    "Đăng xuất",

	"search.label": "Tìm theo mã hồ sơ",
	"search.hint":  "Mã hồ sơ",
	"search.go":    "Tìm",

	"fresh.until":   "Dữ liệu đến %s.",
	"fresh.nothing": "Chưa đọc được nguồn nào.",
	"fresh.stale":   "Nguồn chưa được cập nhật: %s.",
	"fresh.never":   "Nguồn chưa đọc được lần nào: %s.",

	"pager.next":  "Trang sau",
	"pager.first": "Về đầu danh sách",

	"done.acknowledged":      "Đã ghi ý kiến.",
	"done.acknowledged.n":    "Đã ghi ý kiến cho %s sai lệch.",
	"done.waived":            "Đã tạm ngừng nhắc.",
	"done.waived.n":          "Đã tạm ngừng nhắc %s sai lệch.",
	"done.taken_back":        "Đã thu hồi.",
	"done.taken_back.n":      "Đã thu hồi với %s sai lệch.",
	"done.answers":           "Đã nhận danh sách.",
	"done.answers.n":         "Đã nhận danh sách, %s ý kiến mới.",
	"done.letter_sent":       "Đã lập phiếu đôn đốc và chuyển gửi đi.",
	"done.retried":           "Đã đưa lại vào hàng chờ gửi.",
	"done.poll_asked":        "Đã yêu cầu đọc lại toàn bộ nguồn; kết quả có sau ít phút.",
	"done.snapshot_accepted": "Đã chấp nhận lần đọc bị giữ lại.",
	"done.run_released":      "Đã cho phép gửi kết quả của lần đối soát bị giữ lại.",
	"done.account_changed":   "Đã lưu tài khoản.",
	"done.token_revoked":     "Đã thu hồi mã truy cập.",
	"done.password_changed":  "Đã đổi mật khẩu.",
	"done.signed_out":        "Đã đăng xuất.",

	"fault.title":          "Không thực hiện được",
	"fault.what.missing":   "Không tìm thấy",
	"fault.what.forbidden": "Không được phép",
	"fault.what.conflict":  "Chưa thực hiện được",
	"fault.what.later":     "Hệ thống tạm thời chưa trả lời được",
	"fault.what.internal":  "Có lỗi bên trong hệ thống",
	"fault.what.often":     "Quá nhiều yêu cầu",
	"fault.what.other":     "Không thực hiện được yêu cầu",
	"fault.next.missing":   "Địa chỉ có thể bị gõ sai, hoặc nội dung này không thuộc phạm vi của tài khoản. Hãy tìm lại theo mã hồ sơ.",
	"fault.next.forbidden": "Nếu cần làm việc này, hãy liên hệ Trung tâm hoặc người vận hành để được cấp quyền.",
	"fault.next.conflict":  "Chưa có gì thay đổi. Hãy tải lại trang trước để xem tình trạng hiện tại rồi thử lại.",
	"fault.next.later":     "Hãy thử lại sau ít phút.",
	"fault.next.internal":  "Hãy thử lại sau ít phút. Nếu vẫn lỗi, báo người vận hành kèm thời điểm xảy ra.",
	"fault.next.other":     "Hãy quay lại trang trước và kiểm tra nội dung đã nhập.",
	"fault.home":           "Về trang tổng quan",

	"login.title":     "Đăng nhập",
	"login.lead":      "Theo dõi và chỉnh sửa những hồ sơ mà hệ thống dịch vụ công và sổ của phòng ghi khác nhau.",
	"login.name":      "Tên đăng nhập",
	"login.password":  "Mật khẩu",
	"login.go":        "Đăng nhập",
	"login.or":        "hoặc",
	"login.oidc":      "Đăng nhập bằng tài khoản dùng chung của cơ quan",
	"login.forgotten": "Quên mật khẩu: báo người vận hành để được cấp lại.",
	"login.already":   "Đang đăng nhập với tên %s.",

	"password.title":         "Đổi mật khẩu",
	"password.must":          "Đây là mật khẩu được cấp lần đầu. Hãy đổi mật khẩu trước khi tiếp tục.",
	"password.rule":          "Ít nhất 12 ký tự. Một câu ngắn dễ nhớ là tốt nhất.",
	"password.old":           "Mật khẩu hiện tại",
	"password.new":           "Mật khẩu mới",
	"password.again":         "Nhập lại mật khẩu mới",
	"password.go":            "Đổi mật khẩu",
	"password.old.missing":   "Nhập mật khẩu hiện tại.",
	"password.new.missing":   "Nhập mật khẩu mới.",
	"password.again.differs": "Hai lần nhập không giống nhau.",
	"password.new.same":      "Mật khẩu mới phải khác mật khẩu hiện tại.",
	"password.elsewhere":     "Tài khoản này không có mật khẩu ở đây; mật khẩu được quản lý ở nơi đăng nhập chung.",
}
