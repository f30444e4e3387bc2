package web

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// What the tests of package web_test need from inside: they use webtest, which
// imports this package.

// CheckAnswer says how an answer differs from what openapi.yaml says of it.
func CheckAnswer(t testing.TB, method, path string, status int, header http.Header, body string) error {
	t.Helper()
	return theDocument(t).check(method, path, answered{status, header, body})
}

// CheckBody says how a request's JSON differs from what openapi.yaml says of it.
func CheckBody(t testing.TB, method, path, body string) error {
	t.Helper()
	return theDocument(t).checkRequest(method, path, body)
}

// Documented are the statuses that openapi.yaml says a route answers with.
func Documented(t testing.TB, method, pattern string) []int {
	t.Helper()
	var list []int
	for code := range theDocument(t).object("paths", strings.ReplaceAll(pattern, "{$}", ""), strings.ToLower(method), "responses") {
		status, err := strconv.Atoi(code)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, status)
	}
	return list
}
