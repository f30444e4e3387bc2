package pages

// enCommon are the phrases of what surrounds pages, what they say after something was done, faults, signing in.
var enCommon = phrases{
	"product": "Dossier reconciliation",

	"skip": "Skip to main content",

	"total": "Total",

	"yes": "Yes",

	"no": "No",

	"technical": "Technical detail",

	"crumbs": "Breadcrumb",

	"refused": "This could not be done; nothing was changed:",

	"language.other": "Tiếng Việt",

	"demo.word": "Demo.",
	"demo.what": "These pages sign in by themselves and can be reached from this machine only; the dossiers are made up.",

	"foot.what": "Only codes, statuses and dates of dossiers are compared; nothing about citizens is kept.",

	"nav.label":      "Pages",
	"nav.overview":   "Overview",
	"nav.list":       "List",
	"nav.answers":    "Hand in answers",
	"nav.report":     "Report",
	"nav.letters":    "Reminder letters",
	"nav.deliveries": "Deliveries",
	"nav.sources":    "Sources",
	"nav.accounts":   "Accounts",
	"nav.audit":      "Audit trail",

	"me.signed_in": "Signed in: ",
	"me.password":  "Change password",
	"me.tokens":    "API tokens",
	"me.logout":    "Sign out",

	"search.label": "Search by dossier code",
	"search.hint":  "Dossier code",
	"search.go":    "Search",

	"fresh.until":   "Data as of %s.",
	"fresh.nothing": "No source has been read yet.",
	"fresh.stale":   "Not up to date: %s.",
	"fresh.never":   "Never read: %s.",

	"pager.next":  "Next page",
	"pager.first": "Back to the beginning",

	"done.acknowledged":      "The answer was recorded.",
	"done.acknowledged.n":    "The answer was recorded for %s discrepancies.",
	"done.waived":            "Reminders are paused.",
	"done.waived.n":          "Reminders are paused for %s discrepancies.",
	"done.taken_back":        "Taken back.",
	"done.taken_back.n":      "Taken back for %s discrepancies.",
	"done.answers":           "The list was taken in.",
	"done.answers.n":         "The list was taken in, %s new answers.",
	"done.letter_sent":       "The letter was made and handed to its channels.",
	"done.retried":           "Put back into the queue.",
	"done.poll_asked":        "A full reading was asked for; its result comes within minutes.",
	"done.snapshot_accepted": "The held snapshot was accepted.",
	"done.run_released":      "The held run was released.",
	"done.account_changed":   "The account was saved.",
	"done.token_revoked":     "The token was revoked.",
	"done.password_changed":  "The password was changed.",
	"done.signed_out":        "You are signed out.",

	"fault.title":          "Not done",
	"fault.what.missing":   "Not found",
	"fault.what.forbidden": "Not permitted",
	"fault.what.conflict":  "Not done",
	"fault.what.later":     "The service cannot answer just now",
	"fault.what.internal":  "Something went wrong inside",
	"fault.what.often":     "Too many requests",
	"fault.what.other":     "The request cannot be carried out",
	"fault.next.missing":   "The address may be mistyped, or this is not within your account's scope. Try searching by dossier code.",
	"fault.next.forbidden": "If you need this, ask the centre or the operator for permission.",
	"fault.next.conflict":  "Nothing was changed. Reload the page before to see how things stand, then try again.",
	"fault.next.later":     "Try again in a few minutes.",
	"fault.next.internal":  "Try again in a few minutes. If it stays, tell the operator when it happened.",
	"fault.next.other":     "Go back and check what was entered.",
	"fault.home":           "To the overview",

	"login.title":     "Sign in",
	"login.lead":      "See and put right the dossiers on which the processing system and the department's own records differ.",
	"login.name":      "Login name",
	"login.password":  "Password",
	"login.go":        "Sign in",
	"login.or":        "or",
	"login.oidc":      "Sign in with the office's common account",
	"login.forgotten": "Forgotten the password? Ask the operator for a new one.",
	"login.already":   "You are signed in as %s.",

	"password.title":         "Change password",
	"password.must":          "This password was given to you. Change it before going on.",
	"password.rule":          "At least 12 characters. A short sentence you remember is best.",
	"password.old":           "Present password",
	"password.new":           "New password",
	"password.again":         "New password again",
	"password.go":            "Change password",
	"password.old.missing":   "Enter the present password.",
	"password.new.missing":   "Enter a new password.",
	"password.again.differs": "The two are not the same.",
	"password.new.same":      "The new password must differ from the present one.",
	"password.elsewhere":     "This account has no password here; it is kept where you sign in.",
}
