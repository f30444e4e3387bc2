package letter

import "github.com/doisoat/doisoat/adapter/deliver/ooxml"

// Vocabulary gives the placeholders of the reminder letter's template, and what each
// stands for.
func Vocabulary() *ooxml.Vocabulary {
	item := []ooxml.Name{
		{Name: "stt", Means: "số thứ tự"},
		{Name: "ma", Means: "mã hồ sơ"},
		{Name: "tthc", Means: "tên hoặc mã thủ tục"},
		{Name: "tiep_nhan", Means: "thời gian tiếp nhận"},
		{Name: "hen_tra", Means: "ngày hẹn trả"},
		{Name: "don_vi", Means: "đơn vị chủ trì"},
		{Name: "sai_lech", Means: "sai lệch"},
		{Name: "viec_can_lam", Means: "việc cần làm"},
		{Name: "lan_nhac", Means: "lần nhắc của hồ sơ này"},
		{Name: "ghi_chu", Means: "hai bên ghi thế nào, sai lệch từ bao giờ"},
		{Name: "tu_ngay", Means: "sai lệch từ ngày"},
		{Name: "anh_huong", Means: "ảnh hưởng đến hạn"},
	}
	list := func(name, means string) ooxml.List {
		return ooxml.List{Name: ooxml.Name{Name: name, Means: means}, Fields: item}
	}
	return &ooxml.Vocabulary{
		Values: []ooxml.Name{
			{Name: "co_quan_chu_quan", Means: "cơ quan chủ quản"},
			{Name: "co_quan_chu_quan_hoa", Means: "cơ quan chủ quản, chữ in hoa"},
			{Name: "co_quan", Means: "cơ quan ban hành"},
			{Name: "co_quan_hoa", Means: "cơ quan ban hành, chữ in hoa"},
			{Name: "so", Means: "số, ký hiệu: 12/PĐĐ-TTHCC"},
			{Name: "dia_danh", Means: "địa danh"},
			{Name: "ngay", Means: "ngày ban hành: 02/07/2018"},
			{Name: "ngay_thang", Means: "ngày ban hành: ngày 02 tháng 7 năm 2018"},
			{Name: "lan", Means: "lần đôn đốc"},
			{Name: "noi_nhan", Means: "phòng nhận phiếu"},
			{Name: "ky", Means: "kỳ: Quý II năm 2018"},
			{Name: "thoi_diem", Means: "thời điểm đối soát"},
			{Name: "han_tra_loi", Means: "hạn trả lời: giờ và ngày"},
			{Name: "tong", Means: "tổng số sai lệch"},
			{Name: "so_ho_so", Means: "số hồ sơ"},
			{Name: "so_bao_sai", Means: "số mục hệ thống báo quá hạn không đúng"},
			{Name: "so_tre", Means: "số mục thực tế quá hạn, hệ thống chưa thể hiện"},
			{Name: "so_khac", Means: "số mục khác"},
			{Name: "chuc_vu", Means: "chức vụ người ký"},
			{Name: "chuc_vu_hoa", Means: "chức vụ người ký, chữ in hoa"},
			{Name: "nguoi_ky", Means: "họ tên người ký"},
		},
		Conditions: []ooxml.Name{
			{Name: "neu_chu_quan", Means: "có cơ quan chủ quản"},
			{Name: "neu_du_thao", Means: "phiếu chưa có số"},
			{Name: "neu_ky", Means: "có kỳ"},
			{Name: "neu_nhac_lai", Means: "từ lần 2"},
			{Name: "neu_bao_sai", Means: "có mục hệ thống báo quá hạn không đúng"},
			{Name: "neu_tre", Means: "có mục thực tế quá hạn, hệ thống chưa thể hiện"},
			{Name: "neu_khac", Means: "có mục khác"},
			{Name: "neu_xin_loi", Means: "có mục không phải do hệ thống báo sai: có thể phải xin lỗi"},
		},
		Lists: []ooxml.List{
			list("hs", "tất cả"),
			list("bao_sai", "hệ thống báo quá hạn không đúng"),
			list("tre", "thực tế quá hạn, hệ thống chưa thể hiện"),
			list("khac", "sai lệch khác"),
		},
	}
}

// ApologyVocabulary gives the placeholders of the apology's template.
func ApologyVocabulary() *ooxml.Vocabulary {
	return &ooxml.Vocabulary{
		Values: []ooxml.Name{
			{Name: "co_quan_chu_quan", Means: "cơ quan chủ quản"},
			{Name: "co_quan_chu_quan_hoa", Means: "cơ quan chủ quản, chữ in hoa"},
			{Name: "co_quan", Means: "cơ quan, đơn vị giải quyết"},
			{Name: "co_quan_hoa", Means: "cơ quan, đơn vị giải quyết, chữ in hoa"},
			{Name: "trung_tam", Means: "nơi tiếp nhận và trả kết quả"},
			{Name: "dia_danh", Means: "địa danh"},
		},
		Conditions: []ooxml.Name{{Name: "neu_chu_quan", Means: "có cơ quan chủ quản"}},
		Lists: []ooxml.List{{
			Name: ooxml.Name{Name: "hs", Means: "mỗi hồ sơ một phiếu"},
			Fields: []ooxml.Name{
				{Name: "stt", Means: "số thứ tự"},
				{Name: "ma", Means: "mã hồ sơ"},
				{Name: "tthc", Means: "tên hoặc mã thủ tục"},
				{Name: "tiep_nhan", Means: "thời gian tiếp nhận"},
				{Name: "hen_tra", Means: "thời gian hẹn trả"},
			},
		}},
	}
}
