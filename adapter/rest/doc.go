// Package rest reads dossiers from a foreign system over HTTP and JSON. What
// the system looks like (how to log in, which call lists the dossiers, how it
// pages, where the array is) comes from a Config; nothing here knows any one
// product.
//
// It only ever reads. It does not know what a dossier is: it hands over the
// text at the paths it was given (inputs), and drops the rest of each item
// unread, so that no citizen's data leaves it. It does not decide whether a
// poll is complete: it says whether it saw the source's own end, what total the
// source declared and whether a page came twice, and the caller judges.
//
// cmd/internal/app builds a Source from the configuration; the snapshot code
// polls it through reconcile.Source.
//
// What a poll promises:
//
//   - A body that ends too early is asked for again and then is a fault. It is
//     never taken for the end of the list.
//   - Pages reach the sink in order, one call at a time, also when several are
//     fetched at once. Held are at most twice as many as are fetched at once, and
//     the one being handed over.
//   - A poll that could not be finished returns a nil error and a Poll with
//     EndReached false, Cause and Reason set, also where not even the first page
//     could be read. An error comes back only when the context ended (that
//     error) or the sink gave one (as it is).
//   - No error, reason or log line holds a secret, a query string or a body.
//
// Where to look:
//
//	poll.go     one poll: windows, pages in order
//	judge.go    what one page means for the poll: an end, a repeat, a fault
//	paging.go   which page to ask for next, by each way of paging
//	total.go    what a declared total is worth when only changes are asked for
//	reread.go   chosen dossiers again, one request each
//	page.go     reading a reply; reader.go, scan.go its items; extract.go the inputs of one
//	session.go  one log-in per expired token, however many workers
//	client.go   transport, retries, Retry-After, rate; meter.go counts the answers
package rest
