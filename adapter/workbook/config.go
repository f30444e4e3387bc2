package workbook

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// Config describes one source of Excel books or CSV files.
type Config struct {
	Name string
	// Path is a file or a glob of .xlsx, .xlsm, .csv, .tsv, .txt; in a glob,
	// files of other kinds are passed over, except .xls, which is reported.
	Path string
	// Dir is the folder a relative Path starts from (the configuration's own);
	// "" is the working directory. Places are shown relative to it.
	Dir string
	// Sheet is a name or a pattern (* ?); "" takes every sheet that has the
	// headings. Hidden sheets are read only when named without a pattern.
	Sheet     string
	HeaderRow int    // 1-based; 0: found by itself among the first 30 rows that hold anything
	Delimiter string // one character or "tab"; "": found by itself (comma, semicolon, tab)
	Encoding  string // utf-8, utf-16le, utf-16be, windows-1258; "": found by itself
	// Required lists the inputs whose headings must be there; the first input
	// (the code) always must. nil requires all of them. An input that is not
	// required and not found reads as "".
	Required []string
	// Settle is how long a file must stay unchanged to be read (2 s if zero; a
	// file that has been at rest longer is not waited for). WaitFor is how long
	// one poll waits in all, for that and for Excel's lock files to go, before
	// it is partial (30 s if zero; below zero it does not wait at all).
	Settle, WaitFor time.Duration
	MaxFileBytes    int64 // 16 GiB if zero; it is read as a stream
}

const (
	defaultSettle       = 2 * time.Second
	defaultWaitFor      = 30 * time.Second
	defaultMaxFileBytes = 16 << 30
)

func (c Config) withDefaults() Config {
	if c.Settle == 0 {
		c.Settle = defaultSettle
	}
	if c.WaitFor == 0 {
		c.WaitFor = defaultWaitFor
	}
	if c.MaxFileBytes == 0 {
		c.MaxFileBytes = defaultMaxFileBytes
	}
	c.Encoding = strings.ToLower(strings.TrimSpace(c.Encoding))
	return c
}

// check names the first mistake that no file could make good.
func (c Config) check(inputs []string) error {
	switch {
	case c.Path == "":
		return fmt.Errorf("workbook: path: missing; name a file or a pattern such as offices/*.xlsx")
	case len(inputs) == 0 || inputs[0] == "":
		return fmt.Errorf("workbook: no heading for the dossier's code; the mapping must name one")
	case c.HeaderRow < 0:
		return fmt.Errorf("workbook: header_row: %d is no row; rows count from 1, 0 finds it", c.HeaderRow)
	}
	if _, err := filepath.Match(c.Path, ""); err != nil {
		return fmt.Errorf("workbook: path: %q: %w; close the bracket or escape it", c.Path, err)
	}
	if _, err := parseDelimiter(c.Delimiter); err != nil {
		return err
	}
	if !knownEncoding(c.Encoding) {
		return fmt.Errorf("workbook: encoding: %q is not known; one of %s", c.Encoding, strings.Join(Encodings, ", "))
	}
	return nil
}

// parseDelimiter reads the configured delimiter; 0 means: to be found.
func parseDelimiter(text string) (byte, error) {
	switch text {
	case "":
		return 0, nil
	case "tab", `\t`:
		return '\t', nil
	}
	if len(text) != 1 || text[0] >= 0x80 || strings.ContainsAny(text, "\"\r\n\x00") {
		return 0, fmt.Errorf(`workbook: delimiter: %q is not one plain character; "," ";" "|" or "tab"`, text)
	}
	return text[0], nil
}
