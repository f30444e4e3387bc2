package pages

import (
	"cmp"
	"errors"
	"html/template"
	"log/slog"
	"time"

	"github.com/doisoat/doisoat/adapter/web"
)

// Options is what Pages are made from.
type Options struct {
	Backend web.Backend
	// SignIn signs people in and out.
	SignIn SignIn
	// Provider names the identity provider on its button; "" words it generally.
	Provider func() string
	// Zone is that of the configuration: dates are shown and read in it.
	Zone    *time.Location
	Version string
	// Organisation is whose service it is, as pages name it: the one-stop centre.
	// "" names the product alone.
	Organisation string
	// Demo: the visitor was signed in without a password; every page says so.
	Demo bool
	// Clock is the present; nil is time.Now. It chooses the report's default period
	// and judges how old a source's data are.
	Clock  func() time.Time
	Logger *slog.Logger
}

// Pages implements web.Pages. It may be used from several goroutines at once.
type Pages struct {
	options   Options
	assets    *assets
	templates map[language]map[string]*template.Template
	around    surroundings
	uploads   chan struct{} // one for each list that is being taken in
}

var _ web.Pages = (*Pages)(nil)

// New checks the options and parses every template in both languages.
func New(o Options) (*Pages, error) {
	missing := func(is bool, what string) error {
		if is {
			return errors.New("pages: options lack " + what)
		}
		return nil
	}
	if err := errors.Join(missing(o.Backend == nil, "Backend"), missing(o.SignIn == nil, "SignIn"), missing(o.Zone == nil, "Zone"), missing(o.Logger == nil, "Logger")); err != nil {
		return nil, err
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	o.Version = cmp.Or(o.Version, "dev")
	files, err := readAssets()
	if err != nil {
		return nil, err
	}
	p := &Pages{options: o, assets: files, uploads: make(chan struct{}, uploads)}
	p.templates, err = parse(files, o.Zone)
	return p, err
}
