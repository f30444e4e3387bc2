package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/reconcile"
)

// The period's report, the dossiers behind its figures, and its files.

func (s *Server) reportRoutes() []Route {
	return []Route{
		api(http.MethodGet, "report", "report", "a period's report, reported and verified", access.SeeDossiers, s.report),
		api(http.MethodGet, "report/dossiers", "report_dossiers", "the dossiers behind one figure of the report", access.SeeDossiers, s.reportDossiers),
		api(http.MethodGet, "report/file", "report_file", "the whole report as docx, xlsx or pdf", access.SeeDossiers, s.reportFile),
	}
}

// reportParameters are what every path of the report has.
var reportParameters = []string{"from", "to", "as_of", "by"}

// reportQuery reads the period. A day is one of the configuration's zone.
func (s *Server) reportQuery(p *parameters) ReportQuery {
	q := ReportQuery{By: oneOf(p, "by", reconcile.Bys)}
	if q.By == "" {
		q.By = reconcile.ByDepartment
	}
	for _, end := range [...]struct {
		name string
		day  *time.Time
	}{{"from", &q.From}, {"to", &q.To}} {
		if !p.values.Has(end.name) {
			p.fault(end.name, "missing; a day, written yyyy-MM-dd, which is part of the period")
		} else if text := p.text(end.name); text != "" {
			*end.day = p.day(end.name, text, s.options.Zone())
		}
	}
	if !q.From.IsZero() && !q.To.IsZero() && q.To.Before(q.From) {
		p.fault("to", "before from")
	}
	if text := p.text("as_of"); text != "" {
		// A + that was not escaped reads as a blank.
		asOf, err := time.Parse(time.RFC3339, strings.ReplaceAll(text, " ", "+"))
		if err != nil || asOf.Year() < 1900 || asOf.Year() > 9000 {
			p.fault("as_of", "%q is no moment in RFC 3339, such as 2018-07-02T08:00:00+07:00", shown(text))
		}
		q.AsOf = asOf
	}
	return q
}

func (s *Server) report(w http.ResponseWriter, r *http.Request) {
	p := parametersOf(r.URL.RawQuery)
	p.known(reportParameters...)
	q := s.reportQuery(p)
	answerFor(s, w, r, p, func(ctx context.Context) (*Report, error) { return s.options.Backend.Report(ctx, scopeOf(r), q) })
}

// cellParameters name a figure and the place in the list behind it.
var cellParameters = []string{"row", "total", "account", "column", "after", "limit"}

func (s *Server) reportDossiers(w http.ResponseWriter, r *http.Request) {
	p := parametersOf(r.URL.RawQuery)
	p.known(append(append([]string{}, reportParameters...), cellParameters...)...)
	q := s.reportQuery(p)
	cell := Cell{Row: p.text("row"), Total: p.yes("total"), Account: needed(p, "account", reconcile.Accounts), Column: needed(p, "column", reconcile.Columns)}
	if cell.Total == (cell.Row != "") && !p.at("row", "total") {
		p.fault("row", "name either a row or total=true, the line of totals")
	}
	after, limit := p.text("after"), p.limit()
	answerFor(s, w, r, p, func(ctx context.Context) (*CellPage, error) {
		return s.options.Backend.ReportDossiers(ctx, scopeOf(r), q, cell, after, limit)
	})
}

func (s *Server) reportFile(w http.ResponseWriter, r *http.Request) {
	p := parametersOf(r.URL.RawQuery)
	p.known(append(append([]string{}, reportParameters...), "format")...)
	q, format := s.reportQuery(p), needed(p, "format", reportFormats)
	s.download(w, r, p, func(ctx context.Context) (*File, error) {
		return s.options.Backend.ReportFile(ctx, scopeOf(r), q, format)
	})
}
