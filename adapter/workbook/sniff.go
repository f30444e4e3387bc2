package workbook

import (
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"strings"

	"github.com/doisoat/doisoat/reconcile"
)

// format is how a file is to be read.
type format int

const (
	formatCSV format = iota
	formatBook
)

var (
	magicZip = []byte("PK\x03\x04")
	magicOLE = []byte{0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1}
	// encryptedPackage is the stream name of a password-protected book.
	encryptedPackage = []byte("E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00")
)

// sniff tells the format by the ending, and checks that the content agrees: a
// renamed file would otherwise be read as garbage, or not at all.
func sniff(r io.ReaderAt, size int64, show string) (format, error) {
	head := make([]byte, 1024)
	n, err := r.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, faultf(reconcile.CauseConnect, "%s: cannot be read: %v", show, bare(err))
	}
	head = head[:n]
	ext := strings.ToLower(filepath.Ext(show))
	book := ext == ".xlsx" || ext == ".xlsm"
	switch {
	case n == 0:
		return 0, faultf(reconcile.CauseSchema, "%s is empty (0 bytes); export or save it again", show)
	case bytes.HasPrefix(head, magicOLE):
		if contains(io.NewSectionReader(r, 0, size), encryptedPackage) {
			return 0, faultf(reconcile.CauseDecode, "%s is protected by a password; save it without one", show)
		}
		return 0, faultf(reconcile.CauseDecode, "%s is in the old Excel 97-2003 format; save it as .xlsx", show)
	case bytes.HasPrefix(head, magicZip):
		if book {
			return formatBook, nil
		}
		return 0, faultf(reconcile.CauseDecode, "%s is a zip file or an Excel workbook, not text; save it as %s, or name it .xlsx if it is a workbook",
			show, orElse(ext, ".csv"))
	case markup(head):
		return 0, faultf(reconcile.CauseDecode, "%s holds a web page or XML, whatever its name says; open it in Excel and save it as .xlsx", show)
	case book && bytes.IndexByte(head, 0) >= 0:
		return 0, faultf(reconcile.CauseDecode, "%s is damaged or no Excel workbook; save it as .xlsx again", show)
	case book:
		return 0, faultf(reconcile.CauseDecode, "%s holds plain text, not an Excel workbook; name it .csv, or open it in Excel and save it as .xlsx", show)
	case ext == ".xls":
		return 0, faultf(reconcile.CauseDecode, "%s is no .xlsx workbook; open it in Excel and save it as .xlsx", show)
	}
	return formatCSV, nil
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// markup recognises HTML tables and Excel 2003 XML, which old systems export
// under the name .xls or .xlsx, in UTF-8 or UTF-16.
func markup(head []byte) bool {
	plain := bytes.ToLower(bytes.TrimLeft(bytes.ReplaceAll(head, []byte{0}, nil), "\xEF\xBB\xBF\xFF\xFE \t\r\n"))
	for _, start := range []string{"<!doctype", "<html", "<head", "<body", "<table", "<meta", "<style", "<?xml", "<div"} {
		if bytes.HasPrefix(plain, []byte(start)) {
			return true
		}
	}
	return false
}

// contains looks for needle in the stream; a read error counts as not found.
func contains(r io.Reader, needle []byte) bool {
	buf := make([]byte, 64<<10)
	kept := 0
	for {
		n, err := r.Read(buf[kept:])
		if bytes.Contains(buf[:kept+n], needle) {
			return true
		}
		if err != nil {
			return false
		}
		keep := min(kept+n, len(needle)-1)
		copy(buf, buf[kept+n-keep:kept+n])
		kept = keep
	}
}
