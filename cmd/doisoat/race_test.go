//go:build race

package main

// raced says that this test binary watches for races, which makes SQLite many
// times slower.
const raced = true
