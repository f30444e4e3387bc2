package pages

import (
	"net/http"
	"slices"

	"github.com/doisoat/doisoat/adapter/web/access"
)

// language is one that pages are written in.
type language string

const (
	vi language = "vi"
	en language = "en"
)

var languages = []language{vi, en}

// other is the one to switch to.
func (l language) other() language {
	if l == vi {
		return en
	}
	return vi
}

// phrases are the words of a language, by key. Keys with a dot belong to the page
// before it; values may hold the verbs of package fmt.
type phrases map[string]string

var words = map[language]phrases{
	vi: join(viCommon, viLabels, viWhy, viWork, viManage),
	en: join(enCommon, enLabels, enWhy, enWork, enManage),
}

func join(parts ...phrases) phrases {
	all := phrases{}
	for _, part := range parts {
		for key, text := range part {
			all[key] = text
		}
	}
	return all
}

// languageOf is what was chosen with the account, else on this browser, else
// Vietnamese. What the browser itself prefers is not asked: on an office's machine
// that is whatever its system was installed in.
func languageOf(r *http.Request) language {
	if chosen := language(access.LanguageOf(r)); slices.Contains(languages, chosen) {
		return chosen
	}
	return vi
}

// setLanguage keeps the choice and goes back to where it was made.
func (p *Pages) setLanguage(w http.ResponseWriter, r *http.Request) error {
	chosen := language(r.PostFormValue("language"))
	if !slices.Contains(languages, chosen) {
		return errUnreadable
	}
	if err := p.options.SignIn.SetLanguage(r.Context(), r, string(chosen)); err != nil {
		return unavailable(err)
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, access.LocalPath(r.PostFormValue("back")), http.StatusSeeOther) //nolint:gosec // LocalPath keeps to this server
	return nil
}
