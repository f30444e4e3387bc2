//go:build race

package browsertest

// raceDetector: everything takes several times as long.
const raceDetector = true
