package config

import (
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/doisoat/doisoat/adapter/workbook"
)

// Defaults of the wait for a file that somebody is writing, and of its size.
const (
	defaultSettle       = 2 * time.Second
	defaultWait         = 30 * time.Second
	defaultMaxFileBytes = 16 << 30
)

var bookEndings = []string{".xlsx", ".xlsm", ".csv", ".tsv", ".txt"}

// workbook is a source kept in Excel books or CSV files; nil where the key is left out.
func (v value) workbook(name string) *workbook.Config {
	s := v.section(`write {path: "offices/*.xlsx"}`)
	if s == nil {
		return nil
	}
	const pathRemedy = `name a .xlsx or .csv file, or a pattern such as "offices/*.xlsx"`
	w := &workbook.Config{
		Name:         name,
		Dir:          v.r.folder,
		Path:         s.need("path", pathRemedy).glob(pathRemedy),
		Sheet:        s.get("sheet").text("give a sheet's name or a pattern such as \"Sổ*\", or leave it out for every sheet with the headings"),
		HeaderRow:    s.get("header_row").integer(0, 0, 1_048_576, "give the number of the row with the headings, counted from 1, or leave it out to have it found"),
		Delimiter:    s.get("delimiter").delimiter(),
		Encoding:     s.get("encoding").choice("", workbook.Encodings...),
		Settle:       s.get("settle").duration(defaultSettle, 0, "write how long a file must stay unchanged, such as 2s"),
		WaitFor:      s.get("wait").duration(defaultWait, 0, "write how long to wait for a file that is being written, such as 30s"),
		MaxFileBytes: int64(s.get("max_file_bytes").integer(defaultMaxFileBytes, 1024, 1<<40, "write a number of bytes, such as 17179869184")),
	}
	if w.Settle == 0 {
		w.Settle = time.Nanosecond // 0 is workbook's sign for its default
	}
	if w.WaitFor == 0 {
		w.WaitFor = -1 // likewise; below zero it does not wait
	}
	s.done()
	return w
}

// glob is a file's path or a pattern of paths. Whether anything matches is not
// asked here: a share may be away for an hour without the configuration being wrong.
func (v value) glob(remedy string) string {
	pattern := v.text(remedy)
	if pattern == "" {
		return ""
	}
	if _, err := filepath.Match(pattern, ""); err != nil || strings.ContainsRune(pattern, 0) {
		v.fault("is no pattern: a [ is not closed", `close the [, or write ? for it`)
		return ""
	}
	ending := strings.ToLower(filepath.Ext(pattern))
	switch {
	case ending == ".xls":
		v.fault("is the old Excel format", "open it in Excel and save it as .xlsx, or export it as .csv")
		return ""
	case !slices.Contains(bookEndings, ending) && !strings.HasSuffix(ending, "*") && !strings.HasSuffix(pattern, "*"):
		v.fault("does not end in "+strings.Join(bookEndings, ", "), remedy)
		return ""
	}
	if filepath.IsAbs(pattern) {
		return filepath.Clean(pattern)
	}
	folder := v.r.folder
	if strings.ContainsAny(pattern, `*?[`) {
		// A bracket in the configuration's own folder is not part of the pattern.
		folder = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(folder)
	}
	return filepath.Join(folder, pattern)
}

func (v value) delimiter() string {
	const remedy = `write one plain character such as ";", or tab, or leave it out to have it found`
	text := v.text(remedy)
	if text == "" || text == "tab" {
		return text
	}
	if len(text) != 1 || text[0] >= 0x80 || strings.ContainsAny(text, "\"\r\n\x00") {
		v.fault("is no delimiter", remedy)
		return ""
	}
	return text
}
