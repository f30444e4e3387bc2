// Package browsertest uses the pages as people do: Debian's Chromium in front of the
// daemon over the shipped town, with its own store, its offices' books, and a folder
// that letters go to.
//
// It holds tests only and no program imports it. Single pages, with every state they
// can be in, are looked at in adapter/web/pages; what the daemon does behind them is
// tested in cmd/internal/app.
//
// On every page that is visited a violation of the content security policy, an error
// of the console or a request to another host is a failure, and so is what axe-core
// finds serious. Pictures of the pages are kept in $DOISOAT_TEST_ARTEFACTS, else where
// go test -artifacts says.
//
// Where to look:
//
//	the story, in its order                people_test.go
//	a department's clerk                   clerk_test.go, upload_test.go
//	the centre, letters, the report        centre_test.go, report_test.go
//	the operator                           operator_test.go
//	a browser without scripts              noscript_test.go
//	the town and its daemon                town_test.go
//	a browser, and somebody's tab in it    browser_test.go, tab_test.go, download_test.go
//	what holds on every page               look_test.go
//	pictures for the guides                pictures_test.go
package browsertest
