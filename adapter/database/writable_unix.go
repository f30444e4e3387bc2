//go:build unix

package database

import "syscall"

// writable reports whether this process may make files in a folder, without
// making one.
func writable(folder string) bool { return syscall.Access(folder, 2) == nil }
