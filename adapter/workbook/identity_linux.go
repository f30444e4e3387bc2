package workbook

import (
	"fmt"
	"io/fs"
	"syscall"
)

// identity is what, beside size and time, changes with a file: its inode where
// another file took its name, and the time of its last change as the system
// keeps it, which no program can set back.
func identity(info fs.FileInfo) string {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	return fmt.Sprintf("%d %d.%09d", st.Ino, st.Ctim.Sec, st.Ctim.Nsec)
}
