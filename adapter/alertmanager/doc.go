// Package alertmanager writes Alertmanager's configuration from doisoat's own list
// of departments, so that the routes cannot drift from it: a copy of everything to
// IT, each department's alerts to that department, mail only in its working hours,
// and what need not be told while something worse is.
//
// It decides on no alert (deploy/prometheus does), sends nothing and reads no file:
// Config and Template are functions of their arguments. The command
// alertmanager-routes calls them. What they write holds no secret, only the names
// of the files that do, and loads in Alertmanager 0.25 and later.
package alertmanager
