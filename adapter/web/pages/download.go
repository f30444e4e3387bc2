package pages

import (
	"context"
	"net/http"
	"time"

	"github.com/doisoat/doisoat/adapter/web"
)

const (
	// makeTimeout is how long a file may take to be made.
	makeTimeout = 2 * time.Minute
	// transferTimeout is how long a file may be on its way, in either direction.
	transferTimeout = 5 * time.Minute
)

// download answers with a file.
func download(w http.ResponseWriter, r *http.Request, ask func(context.Context) (*web.File, error)) error {
	// Until the first byte there is the time to make the file, too. A connection that
	// knows no deadlines has none to be longer.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(makeTimeout + transferTimeout))
	ctx, cancel := context.WithTimeout(r.Context(), makeTimeout)
	defer cancel()
	file, err := ask(ctx)
	if err != nil {
		return err
	}
	return web.Send(w, r, file)
}
