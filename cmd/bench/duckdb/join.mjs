// Joins platform.csv and offices/*.csv of the folder given and counts the pairs
// by what their statuses and dates say, on two threads, all in memory. Prints
// one JSON object: class to number of pairs.
import { DuckDBInstance } from '@duckdb/node-api';

// Every column is read as text: the dates of these files compare as they stand,
// and parsing them would only make DuckDB slower.
const query = (dir) => `
WITH platform AS (
  SELECT code, coalesce(completed_at, returned_at) AS ended, coalesce(extended_due_at, due_at) AS due,
    CASE WHEN status = '1' THEN 'pending' WHEN status IN ('2', '4') THEN 'open' WHEN status IN ('5', '6') THEN 'paused'
      WHEN status IN ('9', '10') THEN 'done' WHEN status IN ('3', '7', '8') THEN 'dropped' ELSE 'unmapped' END AS state
  FROM read_csv('${dir}/platform.csv', all_varchar = true)
), office AS (
  SELECT code, coalesce(completed_at, returned_at) AS ended, coalesce(extended_due_at, due_at) AS due,
    CASE WHEN status = '0' THEN 'pending' WHEN status = '1' THEN 'open' WHEN status IN ('2', '3') THEN 'paused'
      WHEN status IN ('4', '5') THEN 'done' WHEN status IN ('6', '7', '8') THEN 'dropped' ELSE 'unmapped' END AS state
  FROM read_csv('${dir}/offices/*.csv', all_varchar = true)
)
SELECT CASE
    WHEN platform.code IS NULL THEN 'missing_on_platform'
    WHEN office.code IS NULL THEN 'missing_in_office'
    WHEN 'unmapped' IN (platform.state, office.state) THEN 'unmapped_status'
    WHEN office.state IN ('done', 'dropped') AND platform.state NOT IN ('done', 'dropped') THEN 'resolved_not_closed'
    WHEN platform.state IN ('done', 'dropped') AND office.state NOT IN ('done', 'dropped') THEN 'closed_in_progress'
    WHEN platform.state IN ('done', 'dropped') AND platform.state <> office.state THEN 'outcome_mismatch'
    WHEN platform.state <> office.state THEN 'pause_mismatch'
    WHEN platform.state = 'done' AND platform.ended[:10] <> office.ended[:10] THEN 'completion_date_mismatch'
    WHEN platform.due[:10] <> office.due[:10] THEN 'due_date_mismatch'
    ELSE 'agree' END AS class,
  count(*)::INTEGER AS pairs
FROM platform FULL OUTER JOIN office USING (code)
GROUP BY class`;

const db = await DuckDBInstance.create(':memory:', { threads: '2' });
const connection = await db.connect();
const result = await connection.runAndReadAll(query(process.argv[2].replaceAll("'", "''")));
console.log(JSON.stringify(Object.fromEntries(result.getRows())));
