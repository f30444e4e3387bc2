//go:build !unix

package database

import (
	"os"
)

// writable reports whether a folder's mode lets files be made in it.
func writable(folder string) bool {
	info, err := os.Stat(folder)
	return err == nil && info.Mode().Perm()&0o200 != 0
}
