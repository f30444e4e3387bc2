package workbook

import "time"

// Config describes one source of Excel books or CSV files.
type Config struct {
	Name      string
	Path      string // a file or a glob; .xlsx, .xlsm, .csv, .tsv, .txt
	Sheet     string // name or pattern (* ?); "" takes every sheet that has the headings
	HeaderRow int    // 1-based; 0: found by itself
	Delimiter string // one character; "": found by itself (comma, semicolon, tab)
	Encoding  string // utf-8, utf-16le, utf-16be, windows-1258; "": found by itself
	// Settle is how long a file must stay unchanged to be read; WaitFor how long
	// to wait for that (and for Excel's lock file to go) before the poll is partial.
	Settle, WaitFor time.Duration
	MaxFileBytes    int64 // 512 MiB if zero
}
