package app

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// onlyOne makes sure that no other daemon works on this SQLite store: two would
// take each other's work away. The lock goes with the process, however it ends.
func onlyOne(store string) (release func() error, err error) {
	path := store + ".daemon"
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("store: lock of the daemon: %w", err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = fmt.Errorf("store %s: another doisoat serve works on it, and on SQLite there must be one only; stop that one, or keep the store in PostgreSQL", store)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file.Close, nil
}
