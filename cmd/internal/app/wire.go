package app

import (
	"time"

	"github.com/doisoat/doisoat/adapter/web"
)

// Wire is the explanation as the API and explain --format json write it.
func (e *Explanation) Wire(zone *time.Location) *web.Dossier { return dossierOf(e, zone) }
