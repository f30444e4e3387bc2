package world

import (
	"slices"
	"strconv"

	"github.com/doisoat/doisoat/reconcile"
)

const (
	landLayout = "2006-01-02 15:04:05"
	landDay    = "2006-01-02"
)

// landColumns are the land register's columns, in the order of the col…
// constants (which is not the order in the table).
var landColumns = [columns]string{
	"SoBienNhan", "MaThuTuc", "NgayNhan", "NgayHenTra", "NgayGiaHan",
	"NgayHoanThanh", "NgayTraKetQua", "TrangThai", "NgayCapNhat", "GhiChu",
}

// landCodes are the statuses by their number in the register. It does not tell
// a dossier just received from one being worked on.
var landCodes = []reconcile.Status{
	reconcile.Registered, reconcile.Processing, reconcile.Supplement, reconcile.Payment, reconcile.Resolved,
	reconcile.Returned, reconcile.Withdrawn, reconcile.Stopped, reconcile.Refused,
}

// landStatus is the status as the register's column holds it: a number, or the
// raw value where that is none.
func landStatus(r Record) any {
	if r.RawStatus != "" {
		if n, err := strconv.Atoi(r.RawStatus); err == nil {
			return n
		}
		return r.RawStatus
	}
	if r.Status == reconcile.Received {
		return slices.Index(landCodes, reconcile.Processing)
	}
	return slices.Index(landCodes, r.Status)
}

func readLandStatus(text string) (reconcile.Status, string) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n >= len(landCodes) {
		return "", text
	}
	return landCodes[n], ""
}
