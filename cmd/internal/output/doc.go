// Package output writes results for people and programs: tables for a terminal,
// JSON in the shapes of the API, CSV and Excel for everybody else. It computes
// nothing; the commands hand it what cmd/internal/app returned.
package output
