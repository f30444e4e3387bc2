// Package monitortest runs Debian's Prometheus and Alertmanager for tests, on free
// loopback ports and in temporary folders, and ends them with the test. Tests of
// rules, routes and dashboards use it, and the one of all parts together.
//
// It is a package of tests: no program imports it.
package monitortest
