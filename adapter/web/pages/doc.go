// Package pages is what people see of the service: server-rendered HTML, Vietnamese
// first, English to choose, for clerks, the one-stop centre, operators and auditors.
//
// It decides nothing and keeps nothing. What it shows and does goes through
// web.Backend, always with the scope of whoever asks; who asks and whether they may
// was settled by the server before a page is called, from the table in routes.go.
// cmd/internal/app makes it and hands it to package web.
//
// Every page can be read, and every form sent, without JavaScript: forms are plain
// POSTs answered by 303. Scripts, styles and pictures are embedded, so that nothing
// is fetched from elsewhere, and none of them is inline.
//
// Where to look:
//
//	every route, with what it needs     routes.go
//	what surrounds each page            frame.go, render.go, templates/layout.html
//	words, in both languages            vi*.go, en*.go, language.go, sentence.go
//	dates, numbers, durations           format.go
//	styles, scripts, their licences     static/, static/vendor/VENDOR.md
//	a page                              NAME.go and templates/NAME.html
package pages
