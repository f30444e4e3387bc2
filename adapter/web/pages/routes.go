package pages

import (
	"net/http"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
)

const (
	// maxForm bounds a form: as many discrepancies as can be acted on at a time, and
	// a reason.
	maxForm = 256 << 10
	// maxMultipart is what stands around an uploaded file.
	maxMultipart = 64 << 10
)

// Routes is every page there is, with what it needs.
func (p *Pages) Routes() []web.Route {
	get := func(pattern, name, comment string, needs access.Permission, serve func(http.ResponseWriter, *http.Request) error) web.Route {
		return web.Route{Pattern: pattern, Methods: []string{http.MethodGet}, Name: "page_" + name, Comment: comment, Needs: needs, Page: true, Serve: p.handler(serve)}
	}
	post := func(pattern, name, comment string, needs access.Permission, serve func(http.ResponseWriter, *http.Request) error) web.Route {
		return web.Route{Pattern: pattern, Methods: []string{http.MethodPost}, Name: "page_" + name, Comment: comment, Needs: needs, Page: true, MaxBody: maxForm, Serve: p.handler(serve)}
	}
	answers := post("/answers", "answers_upload", "take a list that was filled in", access.Answer, p.uploadAnswers)
	answers.MaxBody = web.MaxUpload + maxMultipart
	files := web.Route{
		Pattern: staticPath + "{name}", Methods: []string{http.MethodGet}, Name: "page_static", Comment: "styles, scripts and pictures",
		Needs: access.Anybody, Always: true, Page: true, Serve: p.static,
	}
	return []web.Route{
		get("/{$}", "overview", "what is open, trend, freshness, what is held back", access.SeeDossiers, p.overview),
		get("/discrepancies", "discrepancies", "the list, filtered and page by page", access.SeeDossiers, p.list),
		post("/discrepancies/acknowledge", "acknowledge", "keep a department's answer", access.Answer, p.acknowledge),
		post("/discrepancies/waive", "waive", "ask for no correction until a day", access.Waive, p.waive),
		post("/discrepancies/take-back", "take_back", "end an acknowledgement or a waiver", access.Waive, p.takeBack),
		get("/dossiers/{code}", "dossier", "one dossier explained", access.SeeDossiers, p.dossier),
		get("/search", "search", "from a code to its dossier, or to those that begin so", access.SeeDossiers, p.search),
		get("/lists/{department}", "list_file", "a department's list as a workbook", access.SeeDossiers, p.listFile),
		get("/answers", "answers", "where a list that was filled in is handed in", access.Answer, p.answers),
		answers,

		get("/report", "report", "the period's report by both accounts", access.SeeDossiers, p.report),
		get("/report/dossiers", "report_dossiers", "the dossiers behind a figure", access.SeeDossiers, p.reportDossiers),
		get("/report/file", "report_file", "the report as a file", access.SeeDossiers, p.reportFile),

		get("/letters", "letters", "reminder letters", access.SeeDossiers, p.letters),
		post("/letters", "letter_send", "make and send a department's next letter", access.SendLetters, p.sendLetter),
		get("/letters/{id}", "letter", "one letter", access.SeeDossiers, p.letter),
		get("/letters/{id}/file", "letter_file", "a letter, or its list, as a file", access.SeeDossiers, p.letterFile),
		get("/apologies/{department}", "apologies", "forms of apology and new appointment", access.SeeDossiers, p.apologies),
		get("/deliveries", "deliveries", "letters on their way", access.SeeService, p.deliveries),
		post("/deliveries/{id}/retry", "delivery_retry", "put a dead delivery back", access.SendLetters, p.retryDelivery),

		get("/sources", "sources", "how the sources are doing", access.SeeService, p.sources),
		get("/sources/{name}", "source", "one source: attempts, rejected rows, what its mapping lacks", access.SeeService, p.source),
		post("/sources/{name}/poll", "source_poll", "ask for a full poll", access.Operate, p.pollSource),
		post("/snapshots/{id}/accept", "snapshot_accept", "accept a held snapshot", access.Operate, p.acceptSnapshot),
		post("/runs/{id}/release", "run_release", "release a held run", access.Operate, p.releaseRun),

		get("/accounts", "accounts", "local accounts", access.ManageAccount, p.accounts),
		post("/accounts", "account_add", "make an account", access.ManageAccount, p.addAccount),
		get("/accounts/{id}", "account", "one account, to be changed", access.ManageAccount, p.account),
		post("/accounts/{id}", "account_change", "change an account", access.ManageAccount, p.changeAccount),
		post("/accounts/{id}/password", "account_password", "give a new first password", access.ManageAccount, p.resetPassword),
		get("/tokens", "tokens", "tokens for programs", access.SignedIn, p.tokens),
		post("/tokens", "token_add", "make a token", access.SignedIn, p.addToken),
		post("/tokens/{id}/revoke", "token_revoke", "revoke a token", access.SignedIn, p.revokeToken),
		get("/audit", "audit", "the audit trail", access.SeeAudit, p.audit),

		get(web.LoginPath, "login", "sign in", access.Anybody, p.login),
		post(web.LoginPath, "login_send", "sign in with name and password", access.Anybody, p.sendLogin),
		post(web.LogoutPath, "logout", "sign out", access.SignedIn, p.logout),
		get(web.PasswordPath, "password", "change one's own password", access.SignedIn, p.password),
		post(web.PasswordPath, "password_change", "change one's own password", access.SignedIn, p.changePassword),
		get("/oidc/begin", "oidc_begin", "go and sign in at the identity provider", access.Anybody, p.beginOIDC),
		get("/oidc/callback", "oidc_callback", "come back from the identity provider", access.Anybody, p.finishOIDC),
		post("/language", "language", "choose the pages' language", access.Anybody, p.setLanguage),
		files,
	}
}
