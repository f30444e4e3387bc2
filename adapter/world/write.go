package world

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
)

// Write stores the world as a complete folder: doisoat.yaml, mappings, secrets
// (mode 0600), offices, platform.jsonl and truth.json. The last two are for
// whoever plays the platform and checks the result; doisoat does not read them.
func (w *World) Write(dir string) error {
	if err := w.write(dir); err != nil {
		return fmt.Errorf("writing a world to %s: %w", dir, err)
	}
	return nil
}

func (w *World) write(dir string) error {
	for _, sub := range []string{"mappings", "offices", "secrets"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return err
		}
	}
	platformMapping := nationalMapping
	if w.Style == OpenCPSStyle {
		platformMapping = opencpsMapping
	}
	files := map[string]string{
		"doisoat.yaml":           w.config(),
		"mappings/platform.yaml": platformMapping,
		"mappings/book.yaml":     bookMapping,
		"mappings/land.yaml":     landMapping,
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "secrets/platform"), []byte(samplePassword+"\n"), 0o600); err != nil {
		return err
	}
	var lines bytes.Buffer
	for _, r := range w.Platform {
		raw, err := EncodeNational(r)
		if err != nil {
			return err
		}
		lines.Write(raw)
		lines.WriteByte('\n')
	}
	if err := os.WriteFile(filepath.Join(dir, "platform.jsonl"), lines.Bytes(), 0o644); err != nil {
		return err
	}
	for _, o := range w.Offices {
		if err := WriteOffice(filepath.Join(dir, o.File()), o.Records, o.Format); err != nil {
			return err
		}
	}
	return w.Truth.Save(filepath.Join(dir, "truth.json"))
}

// Serve makes the platform of this world, in its style unless o names one.
func (w *World) Serve(o PlatformOptions) (*Platform, error) {
	if o.Style == "" {
		o.Style = w.Style
	}
	return NewPlatform(w.Platform, o)
}

const nationalMapping = `time: {zone: Asia/Ho_Chi_Minh, layouts: ["yyyyMMddHHmmss", "yyyyMMdd"], missing: [""]}
fields: {code: MaHoSo, aliases: [MaHoSoKhac], procedure: MaTTHC, field: MaLinhVuc, department: DonViXuLy, status: TrangThaiHoSo,
  received_at: NgayTiepNhan, due_at: NgayHenTra, extended_due_at: NgayGiaHan, completed_at: NgayKetThucXuLy, returned_at: NgayTra,
  updated_at: NgayCapNhat, channel: KenhThucHien}
channels: {"1": in_person, "2": online, "3": post}
statuses: {"1": registered, "2": received, "3": refused, "4": processing, "5": supplement, "6": payment, "7": withdrawn, "8": stopped,
  "9": resolved, "10": returned}
`

const opencpsMapping = `time: {zone: Asia/Ho_Chi_Minh, layouts: ["dd/MM/yyyy HH:mm:ss", "dd/MM/yyyy"], missing: [""]}
fields: {code: dossierNo, aliases: [originDossierNo], procedure: serviceCode, department: govAgencyCode,
  status: [dossierStatus, dossierSubStatus], received_at: receiveDate, due_at: dueDate, extended_due_at: extendDate,
  completed_at: releaseDate, returned_at: finishDate, updated_at: modifiedDate}
statuses: {receiving: registered, new: received, denied: refused, processing: processing, waiting: supplement, waiting/pay: payment,
  paying: payment, cancelled: withdrawn, unresolved: stopped, releasing: resolved, done: returned}
`

const bookMapping = `time: {zone: Asia/Ho_Chi_Minh, layouts: ["dd/MM/yyyy HH:mm:ss", "dd/MM/yyyy"], missing: [""]}
fields: {code: Mã hồ sơ, procedure: Thủ tục, status: Tình trạng, received_at: Ngày nhận, due_at: Ngày hẹn trả, extended_due_at: Gia hạn đến,
  completed_at: Ngày hoàn thành, returned_at: Ngày trả kết quả, updated_at: Cập nhật}
statuses: {Mới nộp: registered, Đã nhận: received, Từ chối tiếp nhận: refused, Đang giải quyết: processing, Chờ bổ sung: supplement,
  Chờ nộp thuế: payment, Công dân rút: withdrawn, Trả lại hồ sơ: stopped, Đã giải quyết: resolved, Đã trả kết quả: returned}
skip_rows_without: code
`

const landMapping = `time: {zone: Asia/Ho_Chi_Minh, layouts: ["yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd"], missing: [""]}
fields: {code: SoBienNhan, procedure: MaThuTuc, status: TrangThai, received_at: NgayNhan, due_at: NgayHenTra, extended_due_at: NgayGiaHan,
  completed_at: NgayHoanThanh, returned_at: NgayTraKetQua, updated_at: NgayCapNhat}
statuses: {"0": registered, "1": processing, "2": supplement, "3": payment, "4": resolved, "5": returned, "6": withdrawn, "7": stopped, "8": refused}
`
