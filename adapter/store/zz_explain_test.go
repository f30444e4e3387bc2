package store_test

import (
	"testing"
	"time"
)

func BenchmarkExplain(b *testing.B) {
	db := openPostgres(b)
	loadList(b, db)
	for round := range 2 {
		for _, q := range []string{
			`SELECT COUNT(*) FROM (SELECT 1 FROM discrepancies WHERE state <> 'resolved' AND kind = ANY('{resolved_not_closed,closed_in_progress,outcome_mismatch,pause_mismatch,completion_date_mismatch,due_date_mismatch,department_mismatch,missing_in_office,missing_on_platform,duplicate_code,unmapped_status,invalid_record,reopened,backdated_close}') AND department = ANY('{"Phòng 001"}') LIMIT 401) AS x`,
			`SELECT * FROM discrepancies WHERE state <> 'resolved' AND kind = ANY('{resolved_not_closed,closed_in_progress,outcome_mismatch,pause_mismatch,completion_date_mismatch,due_date_mismatch,department_mismatch,missing_in_office,missing_on_platform,duplicate_code,unmapped_status,invalid_record,reopened,backdated_close}') AND department = ANY('{"Phòng 001"}')`,
		} {
			tx := db.SQL.MustBegin()
			tx.MustExec("SET LOCAL enable_seqscan = off; SET LOCAL jit = off")
			began := time.Now()
			var plan []string
			if err := tx.Select(&plan, "EXPLAIN (ANALYZE, BUFFERS) "+q); err != nil {
				b.Fatal(err)
			}
			for _, l := range plan {
				b.Log(l)
			}
			b.Log(time.Since(began))
			tx.Rollback()
		}
		if round == 0 {
			db.SQL.MustExec("ANALYZE discrepancies")
			b.Log("ANALYZED")
		}
	}
}
