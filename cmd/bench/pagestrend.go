package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// trendDays is how many days the overview looks back.
const trendDays = 90

// addTrend gives a store that was made a moment ago the counts of the days before, as
// if it had been run every night: each day ended as today.
func addTrend(ctx context.Context, dir, store string) (err error) {
	driver, at := "postgres", store
	if file, ok := strings.CutPrefix(store, "sqlite:"); ok {
		driver, at = "sqlite", filepath.Join(dir, file)+"?_pragma=busy_timeout(60000)&_txlock=immediate"
	}
	db, err := sqlx.ConnectContext(ctx, driver, at)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it does nothing
	var today string
	if err := tx.GetContext(ctx, &today, `SELECT MAX(day) FROM day_counts`); err != nil {
		return fmt.Errorf("the trend: %w", err)
	}
	last, err := time.Parse(time.DateOnly, today)
	if err != nil {
		return fmt.Errorf("the trend: %w", err)
	}
	for n := 1; n < trendDays; n++ {
		if _, err := tx.ExecContext(ctx, sqlx.Rebind(bindType(db), `INSERT INTO day_counts (day, department, kind, open, opened, resolved, false_overdue, hidden_overdue)
			SELECT ?, department, kind, open, 0, 0, false_overdue, hidden_overdue FROM day_counts WHERE day = ?`),
			last.AddDate(0, 0, -n).Format(time.DateOnly), today); err != nil {
			return fmt.Errorf("the trend: %w", err)
		}
	}
	return tx.Commit()
}
