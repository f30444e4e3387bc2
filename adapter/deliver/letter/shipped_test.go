package letter

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/adapter/deliver/ooxml"
)

var update = flag.Bool("update", false, "write the shipped templates anew")

// The shipped templates are built here; once built they are documents like any
// other, to be opened in Word. The letter says what PDF says.
func TestShippedTemplatesAreWhatTheirBuilderMakes(t *testing.T) {
	for name, build := range map[string]func(*bytes.Buffer) error{
		"phieu-don-doc.docx": buildLetterTemplate,
		"phieu-xin-loi.docx": buildApologyTemplate,
	} {
		var built bytes.Buffer
		if err := build(&built); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("templates", name)
		if *update {
			if err := os.WriteFile(path, built.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		shipped, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		// By their parts: another release of Go may pack them otherwise.
		want, err := ooxml.Parts(built.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		got, err := ooxml.Parts(shipped)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s is not what the builder makes (go test -update writes it)\n%s", name, diff)
		}
	}
}

var (
	pagePortrait  = ooxml.Page{Top: 20, Bottom: 20, Left: 30, Right: 15}
	pageLandscape = ooxml.Page{Landscape: true, Top: 20, Bottom: 15, Left: 20, Right: 15}
)

// head is the head of an official letter (NĐ 30/2020/NĐ-CP, appendix I).
func head(d *ooxml.Document, number string) {
	center := ooxml.Format{Align: ooxml.Center, Size: 12}
	strong := ooxml.Format{Align: ooxml.Center, Size: 12, Bold: true}
	line := func(indent float64) ooxml.Paragraph {
		return ooxml.Paragraph{Format: ooxml.Format{LineUnder: true, Indent: indent}}
	}
	width := d.Page().Width()
	left, right := width*0.45, width*0.55
	t := d.Table(ooxml.TableFormat{Widths: []float64{left, right}, Padding: 0.5})
	t.Row(
		ooxml.Cell{Top: true, Body: []ooxml.Paragraph{
			{Format: center, Spans: ooxml.Plain("{{#neu_chu_quan}}{{co_quan_chu_quan_hoa}}{{/neu_chu_quan}}")},
			{Format: strong, Spans: ooxml.Plain("{{co_quan_hoa}}")},
			line(left/2 - 12),
			{Format: ooxml.Format{Align: ooxml.Center, Size: 12, Before: 6}, Spans: ooxml.Plain(number)},
		}},
		ooxml.Cell{Top: true, Body: []ooxml.Paragraph{
			{Format: strong, Spans: ooxml.Plain(nation)},
			{Format: ooxml.Format{Align: ooxml.Center, Size: 13, Bold: true}, Spans: ooxml.Plain(motto)},
			line(right/2 - 29),
			{Format: ooxml.Format{Align: ooxml.Center, Size: 13, Before: 6}, Spans: []ooxml.Span{{Text: dateLine[number], Italic: true}}},
		}},
	)
	t.Close()
}

const apologyNumber = "Số: ……/PXL"

var dateLine = map[string]string{
	"Số: {{so}}":  "{{dia_danh}}, {{ngay_thang}}",
	apologyNumber: "{{dia_danh}}, ngày …… tháng …… năm ………",
}

func buildLetterTemplate(b *bytes.Buffer) error {
	d := ooxml.Create(b, ooxml.Options{Title: "Phiếu đôn đốc", Page: pagePortrait})
	strong := ooxml.Format{Align: ooxml.Center, Bold: true, Size: 13}
	d.Text(ooxml.Format{Align: ooxml.Right, Bold: true, Size: 14, After: 6}, "{{#neu_du_thao}}"+draft+"{{/neu_du_thao}}")
	head(d, "Số: {{so}}")
	d.Text(ooxml.Format{Align: ooxml.Center, Bold: true, Size: 14, Before: 18}, title)
	d.Text(strong, "(Lần {{lan}})")
	d.Text(strong, subject)
	d.Text(ooxml.Format{LineUnder: true, Indent: 60, After: 12}, "")
	d.Text(ooxml.Format{Align: ooxml.Center, Size: 14, After: 8}, "Kính gửi: {{noi_nhan}}")
	body := ooxml.Format{Align: ooxml.Justify, FirstLine: 12.7, After: 5}
	d.Text(body, "Qua đối soát dữ liệu giữa hệ thống xử lý dịch vụ công và sổ theo dõi của phòng{{#neu_ky}}, {{ky}}{{/neu_ky}}, tính đến {{thoi_diem}}, {{co_quan}} thấy còn {{tong}} sai lệch ở {{so_ho_so}} hồ sơ thuộc trách nhiệm của {{noi_nhan}} (danh sách kèm theo), gồm:")
	d.Text(body, "{{#neu_bao_sai}}- {{so_bao_sai}} mục hệ thống báo quá hạn không đúng, thực tế trong hạn (danh sách A): là số liệu của hệ thống cần chỉnh cho đúng, không tính là phòng giải quyết chậm.{{/neu_bao_sai}}")
	d.Text(body, "{{#neu_tre}}- {{so_tre}} mục thực tế quá hạn, hệ thống chưa thể hiện (danh sách B).{{/neu_tre}}")
	d.Text(body, "{{#neu_khac}}- {{so_khac}} mục sai lệch khác (danh sách C).{{/neu_khac}}")
	d.Text(body, "Đề nghị {{noi_nhan}}:")
	d.Text(body, askCheck)
	d.Text(body, "{{#neu_xin_loi}}"+askApology+"{{/neu_xin_loi}}")
	answer := body
	answer.Bold = true
	d.Text(answer, "- Trả lời {{co_quan}} trước {{han_tra_loi}}: kết quả xử lý, hoặc lý do chưa xử lý được của từng hồ sơ.")
	d.Text(body, fmt.Sprintf(askQuestion, "{{co_quan}}"))
	d.Text(ooxml.Format{Size: 6}, "")
	width := d.Page().Width()
	t := d.Table(ooxml.TableFormat{Widths: []float64{width / 2, width / 2}})
	t.Row(
		ooxml.Cell{Top: true, Body: []ooxml.Paragraph{
			{Format: ooxml.Format{Bold: true, Italic: true, Size: 12}, Spans: ooxml.Plain("Nơi nhận:")},
			{Format: ooxml.Format{Size: 11}, Spans: ooxml.Plain("- Như trên;")},
			{Format: ooxml.Format{Size: 11}, Spans: ooxml.Plain("- Lưu: VT.")},
		}},
		ooxml.Cell{Top: true, Body: []ooxml.Paragraph{
			{Format: strong, Spans: ooxml.Plain("{{chuc_vu_hoa}}")},
			{Format: ooxml.Format{Align: ooxml.Center, Bold: true, Size: 13, Before: 70}, Spans: ooxml.Plain("{{nguoi_ky}}")},
		}},
	)
	t.Close()
	d.Section(pageLandscape)
	d.Text(ooxml.Format{Align: ooxml.Center, Bold: true, Size: 14}, annexTitle)
	d.Paragraph(ooxml.Format{Align: ooxml.Center, Italic: true, Size: 12, After: 6}, ooxml.Plain("(Kèm theo Phiếu đôn đốc số {{so}} ngày {{ngay}} của {{co_quan}}; tình trạng tính đến {{thoi_diem}})")...)
	for _, part := range []struct{ condition, list, head, text string }{
		{"neu_bao_sai", "bao_sai", headFalse, textFalse},
		{"neu_tre", "tre", headHidden, textHidden},
		{"neu_khac", "khac", headOther, ""},
	} {
		d.Text(ooxml.Format{KeepNext: true}, "{{#"+part.condition+"}}")
		d.Text(ooxml.Format{Heading: 2, Size: 13, Before: 8, After: 3, KeepNext: true}, part.head)
		if part.text != "" {
			d.Text(ooxml.Format{Size: 12, After: 4, KeepNext: true}, part.text)
		}
		table(d, part.list)
		d.Text(ooxml.Format{}, "{{/"+part.condition+"}}")
	}
	return d.Close()
}

func table(d *ooxml.Document, list string) {
	f := ooxml.TableFormat{Borders: true, Size: 10}
	var heading, row []ooxml.Cell
	for _, c := range columns {
		f.Widths = append(f.Widths, c.width)
		heading = append(heading, ooxml.Cell{Text: c.label, Format: ooxml.Format{Align: ooxml.Center, Bold: true}, Shade: "E8ECF0"})
		cell := ooxml.Cell{Text: "{{" + list + "." + c.field + "}}", Top: true}
		if c.center {
			cell.Format.Align = ooxml.Center
		}
		row = append(row, cell)
	}
	t := d.Table(f)
	t.Header(heading...)
	t.Row(row...)
	t.Close()
}

// buildApologyTemplate follows form 04 of TT 03/2025/TT-VPCP.
func buildApologyTemplate(b *bytes.Buffer) error {
	d := ooxml.Create(b, ooxml.Options{Title: "Phiếu xin lỗi và hẹn lại ngày trả kết quả", Page: pagePortrait, Unnumbered: true})
	width := d.Page().Width()
	body := ooxml.Format{Align: ooxml.Justify, FirstLine: 12.7, After: 6}
	dots := ooxml.Format{DotsTo: []float64{width}, After: 6}
	d.Text(ooxml.Format{}, "{{#hs}}")
	d.Text(ooxml.Format{PageBreakBefore: true, Align: ooxml.Right, Italic: true, Size: 11, After: 6}, "Mẫu số 04 (Thông tư số 03/2025/TT-VPCP)")
	head(d, apologyNumber)
	d.Text(ooxml.Format{Align: ooxml.Center, Bold: true, Size: 14, Before: 18, After: 14}, "PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ")
	d.Text(ooxml.Format{DotsTo: []float64{width}, Indent: 12.7, After: 6}, "Kính gửi: Ông (bà)/tổ chức\t")
	d.Text(ooxml.Format{DotsTo: []float64{width}, Indent: 12.7, After: 6}, "Địa chỉ:\t")
	d.Text(ooxml.Format{DotsTo: []float64{width}, Indent: 12.7, After: 10}, "Điện thoại:\t")
	d.Text(body, "{{trung_tam}} đã tiếp nhận hồ sơ của Ông (bà)/tổ chức đề nghị giải quyết thủ tục: {{hs.tthc}}.")
	d.Paragraph(body, ooxml.Span{Text: "Mã số hồ sơ: "}, ooxml.Span{Text: "{{hs.ma}}", Bold: true})
	d.Text(body, "Thời gian tiếp nhận: {{hs.tiep_nhan}}.")
	d.Text(body, "Thời gian hẹn trả kết quả: {{hs.hen_tra}}.")
	d.Text(body, "Tuy nhiên, đến nay {{co_quan}} chưa trả kết quả giải quyết hồ sơ của Ông (bà)/tổ chức đúng thời hạn ghi trong Giấy tiếp nhận hồ sơ và hẹn trả kết quả.")
	d.Text(ooxml.Format{DotsTo: []float64{width}, Indent: 12.7, After: 6}, "Lý do:\t")
	d.Text(dots, "\t")
	d.Text(dots, "\t")
	d.Text(body, "{{co_quan}} xin lỗi Ông (bà)/tổ chức vì sự chậm trễ này, và hẹn lại thời gian trả kết quả vào …… giờ ……, ngày …… tháng …… năm ………")
	d.Text(body, "Rất mong nhận được sự thông cảm của Ông (bà)/tổ chức./.")
	d.Text(ooxml.Format{Size: 6}, "")
	t := d.Table(ooxml.TableFormat{Widths: []float64{width / 2, width / 2}})
	t.Row(ooxml.Cell{}, ooxml.Cell{Top: true, Body: []ooxml.Paragraph{
		{Format: ooxml.Format{Align: ooxml.Center, Bold: true}, Spans: ooxml.Plain("THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ")},
		{Format: ooxml.Format{Align: ooxml.Center, Italic: true}, Spans: ooxml.Plain("(Ký tên, đóng dấu)")},
		{Format: ooxml.Format{Align: ooxml.Center, Before: 60}, Spans: ooxml.Plain("…………………………")},
	}})
	t.Close()
	d.Text(ooxml.Format{}, "{{/hs}}")
	return d.Close()
}
