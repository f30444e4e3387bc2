package output

import (
	"io"
	"time"

	"github.com/doisoat/doisoat/cmd/internal/app"
)

// ExplainJSON writes an explanation for a program.
func ExplainJSON(w io.Writer, e *app.Explanation, zone *time.Location) error {
	return indented(w, e.Wire(zone))
}
