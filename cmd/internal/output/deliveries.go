package output

import (
	"fmt"
	"io"
	"time"

	"github.com/doisoat/doisoat/adapter/web"
)

// DeliveriesJSON writes deliveries as an array.
func DeliveriesJSON(w io.Writer, list []web.Delivery) error { return indented(w, list) }

// DeliveriesTable writes deliveries for a terminal. config is the file that the
// command names which puts one back into the queue.
func DeliveriesTable(w io.Writer, list []web.Delivery, zone *time.Location, config string) error {
	p := newPrinter(w)
	if len(list) == 0 {
		p.printf("No deliveries.\n")
		return p.err
	}
	g := &grid{
		header: []string{"ID", "LETTER", "DEPARTMENT", "BY", "STATE", "TRIED", "MADE AT", "SENT, OR NEXT", "LAST ERROR"}, right: []int{1, 6},
		give: []narrow{{column: 9, least: 20}, {column: 2, least: 12}},
	}
	dead := 0
	for i := range list {
		d := &list[i]
		when := d.EndedAt
		if when == "" {
			when = d.NextAt
		}
		if d.State == web.DeliveryDead {
			dead++
		}
		g.add(d.ID, d.Number, d.Department, d.Channel, string(d.State), d.Attempts, stampShown(d.CreatedAt, zone), stampShown(when, zone), d.LastError)
	}
	p.print(g)
	if dead > 0 {
		p.paragraph("! ", fmt.Sprintf("%d given up. Put right why, then: doisoat delivery retry --config %s --all", dead, config))
	}
	return p.err
}
