package world

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/doisoat/doisoat/reconcile"
)

// agencySuffix follows the procedure's code in the national vocabulary; it has
// to be stripped before two codes are compared.
const agencySuffix = ".000.00.00.H57"

const (
	nationalLayout = "20060102150405"
	nationalDay    = "20060102"
)

// nationalRow is a dossier as the national vocabulary writes it: every value a
// string, dates yyyyMMddHHmmss in Vietnam time, missing ones "". The fields
// stand in the alphabet's order, as the sample's do.
type nationalRow struct {
	ChuHoSo         string `json:"ChuHoSo,omitempty"` // the applicant: no mapping may read it
	DonViXuLy       string
	KenhThucHien    string
	MaHoSo          string
	MaHoSoKhac      string `json:"MaHoSoKhac,omitempty"`
	MaLinhVuc       string
	MaTTHC          string
	NgayCapNhat     string
	NgayGiaHan      string `json:"NgayGiaHan,omitempty"`
	NgayHenTra      string
	NgayKetThucXuLy string
	NgayTiepNhan    string
	NgayTra         string
	TrangThaiHoSo   string
}

// EncodeNational writes a record as the page and dvcqg styles send it.
func EncodeNational(r Record) (json.RawMessage, error) {
	day := func(m reconcile.Moment) string { return write(m, nationalLayout, nationalDay) }
	row := nationalRow{
		ChuHoSo: r.Note, DonViXuLy: r.Department, KenhThucHien: r.Channel,
		MaHoSo: r.Code, MaHoSoKhac: strings.Join(r.Aliases, ","), MaLinhVuc: r.Field,
		NgayCapNhat: day(r.UpdatedAt), NgayGiaHan: day(r.ExtendedDueAt), NgayHenTra: day(r.DueAt),
		NgayKetThucXuLy: day(r.CompletedAt), NgayTiepNhan: day(r.ReceivedAt), NgayTra: day(r.ReturnedAt),
		TrangThaiHoSo: nationalStatus(r),
	}
	if r.Procedure != "" {
		row.MaTTHC = r.Procedure + agencySuffix
	}
	if row.KenhThucHien == "" {
		row.KenhThucHien = "1"
	}
	if r.Garbled != "" {
		row.NgayTiepNhan = r.Garbled
	}
	raw, err := json.Marshal(row)
	if err != nil {
		return nil, fmt.Errorf("platform record %s: %w", r.Code, err)
	}
	return raw, nil
}

// DecodeNational is the reverse of EncodeNational. A status or reception date
// that cannot be read is kept in RawStatus or Garbled.
func DecodeNational(raw []byte) (Record, error) {
	var row nationalRow
	if err := json.Unmarshal(raw, &row); err != nil {
		return Record{}, fmt.Errorf("platform record: %w", err)
	}
	r := Record{
		Code: row.MaHoSo, Field: row.MaLinhVuc, Department: row.DonViXuLy, Note: row.ChuHoSo,
		Channel: row.KenhThucHien, Procedure: strings.TrimSuffix(row.MaTTHC, agencySuffix),
	}
	if row.MaHoSoKhac != "" {
		r.Aliases = strings.Split(row.MaHoSoKhac, ",")
	}
	r.Status, r.RawStatus = readNationalStatus(row.TrangThaiHoSo)
	for _, d := range []struct {
		text string
		into *reconcile.Moment
	}{
		{row.NgayCapNhat, &r.UpdatedAt}, {row.NgayGiaHan, &r.ExtendedDueAt}, {row.NgayHenTra, &r.DueAt},
		{row.NgayKetThucXuLy, &r.CompletedAt}, {row.NgayTra, &r.ReturnedAt},
	} {
		m, ok := read(d.text, nationalLayout, nationalDay)
		if !ok {
			return Record{}, fmt.Errorf("platform record %s: %q is no date yyyyMMddHHmmss", row.MaHoSo, d.text)
		}
		*d.into = m
	}
	var ok bool
	if r.ReceivedAt, ok = read(row.NgayTiepNhan, nationalLayout, nationalDay); !ok {
		r.Garbled = row.NgayTiepNhan
	}
	return r, nil
}

// nationalStatus is the status's number in the national list.
func nationalStatus(r Record) string {
	if r.RawStatus != "" {
		return r.RawStatus
	}
	return strconv.Itoa(slices.Index(reconcile.Statuses, r.Status) + 1)
}

func readNationalStatus(text string) (reconcile.Status, string) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > len(reconcile.Statuses) {
		return "", text
	}
	return reconcile.Statuses[n-1], ""
}
