package world

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/doisoat/doisoat/reconcile"
)

const (
	opencpsLayout = "02/01/2006 15:04:05"
	opencpsDay    = "02/01/2006"
)

// opencpsRow is a dossier as OpenCPS v2 sends it; dates dd/MM/yyyy HH:mm:ss.
type opencpsRow struct {
	DossierNo        string `json:"dossierNo"`
	OriginDossierNo  string `json:"originDossierNo"`
	ServiceCode      string `json:"serviceCode"`
	GovAgencyCode    string `json:"govAgencyCode"`
	DossierStatus    string `json:"dossierStatus"`
	DossierSubStatus string `json:"dossierSubStatus"`
	ReceiveDate      string `json:"receiveDate"`
	DueDate          string `json:"dueDate"`
	ExtendDate       string `json:"extendDate"`
	ReleaseDate      string `json:"releaseDate"` // completed
	FinishDate       string `json:"finishDate"`  // returned
	ModifiedDate     string `json:"modifiedDate"`
	ApplicantName    string `json:"applicantName,omitempty"` // no mapping may read it
}

// opencpsStates are the usual states for the national statuses. Payment is
// said in two ways, one of them by the sub-state alone.
var opencpsStates = map[reconcile.Status]string{
	reconcile.Registered: "receiving",
	reconcile.Received:   "new",
	reconcile.Refused:    "denied",
	reconcile.Processing: "processing",
	reconcile.Supplement: "waiting",
	reconcile.Payment:    "paying",
	reconcile.Withdrawn:  "cancelled",
	reconcile.Stopped:    "unresolved",
	reconcile.Resolved:   "releasing",
	reconcile.Returned:   "done",
}

// EncodeOpenCPS writes a record as OpenCPS sends it.
func EncodeOpenCPS(r Record) (json.RawMessage, error) {
	day := func(m reconcile.Moment) string { return write(m, opencpsLayout, opencpsDay) }
	row := opencpsRow{
		DossierNo: r.Code, OriginDossierNo: strings.Join(r.Aliases, ","), ServiceCode: r.Procedure,
		GovAgencyCode: r.Department, DossierStatus: opencpsStates[r.Status],
		ReceiveDate: day(r.ReceivedAt), DueDate: day(r.DueAt), ExtendDate: day(r.ExtendedDueAt),
		ReleaseDate: day(r.CompletedAt), FinishDate: day(r.ReturnedAt), ModifiedDate: day(r.UpdatedAt),
		ApplicantName: r.Note,
	}
	if r.RawStatus != "" {
		row.DossierStatus = r.RawStatus
	}
	if r.Status == reconcile.Payment && r.ReceivedAt.Time.Minute()%2 == 1 {
		row.DossierStatus, row.DossierSubStatus = "waiting", "pay"
	}
	if r.Garbled != "" {
		row.ReceiveDate = r.Garbled
	}
	raw, err := json.Marshal(row)
	if err != nil {
		return nil, fmt.Errorf("platform record %s: %w", r.Code, err)
	}
	return raw, nil
}

// opencpsRoutes is OpenCPS v2: GET /o/rest/v2/dossiers?start=&end= (an empty
// end returns everything) and /o/rest/v2/dossiers/{dossierNo}, with basic
// authentication and the header groupId.
func (p *Platform) opencpsRoutes() {
	p.routes.HandleFunc("GET /o/rest/v2/dossiers", p.opencpsList)
	p.routes.HandleFunc("GET /o/rest/v2/dossiers/{code}", p.opencpsOne)
}

func (p *Platform) opencpsList(w http.ResponseWriter, r *http.Request) {
	if !p.basic(w, r) {
		return
	}
	start, startOK := queryNumber(r, "start", 0)
	end, endOK := queryNumber(r, "end", -1)
	since, sinceOK := readSince(r.URL.Query().Get("updatedFrom"))
	if !startOK || !endOK || !sinceOK || start < 0 || end >= 0 && end < start {
		refuse(w, http.StatusBadRequest, "start and end are numbers, start not after end")
		return
	}
	l := listing{number: 1, first: start, size: end - start, since: since}
	switch {
	case end < 0:
		l.first, l.size = 0, p.Len()
	case l.size > 0:
		l.number = start/l.size + 1
	}
	p.serveList(w, r, &l, func() any {
		return struct {
			Total int               `json:"total"`
			Data  []json.RawMessage `json:"data"`
		}{l.total, l.items}
	})
}

func (p *Platform) opencpsOne(w http.ResponseWriter, r *http.Request) {
	if !p.basic(w, r) || p.spoil(w, r, One) {
		return
	}
	answerOne(w, p.find(r.PathValue("code")))
}

// basic lets a request with the right credentials and group in.
func (p *Platform) basic(w http.ResponseWriter, r *http.Request) bool {
	user, password, ok := r.BasicAuth()
	switch {
	case !ok || !p.known(user, password):
		w.Header().Set("WWW-Authenticate", "Basic realm="+strconv.Quote("OpenCPS"))
		refuse(w, http.StatusUnauthorized, "wrong user name or password")
		return false
	case r.Header.Get("groupId") != p.options.GroupID:
		refuse(w, http.StatusForbidden, "the header groupId is missing or names another group")
		return false
	}
	return true
}
