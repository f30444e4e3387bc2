package database

import "time"

// Drivers lists the values driver may have. PostgreSQL, SQLite and MySQL
// (MariaDB) are tested against real servers; SQL Server and Oracle are
// compiled in and untested.
var Drivers = []string{"postgres", "sqlite", "mysql", "sqlserver", "oracle"}

// Config describes one SQL source. URL is a secret: it must never be printed.
type Config struct {
	Name             string
	Driver           string // one of Drivers
	URL              string // the driver's connection string; for sqlite a file's path
	Query            string // SELECT of all rows
	Since            string // condition with :since, "" if the source has none
	One              string // condition with :code, "" if the source has none
	Overlap          time.Duration
	Zone             *time.Location // in which timestamps without a zone are meant, and :since is written
	StatementTimeout time.Duration  // 5m if zero
}
