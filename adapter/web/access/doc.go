// Package access tells who asks and what they may do: local accounts, sessions, an
// identity provider, a trusted proxy, API tokens; roles, permissions and scope.
//
// It decides and it verifies; it shows no page, keeps nothing itself (see Store), and
// knows no dossier. The server (package web) asks it before every route, and the
// pages call it to sign people in and out.
//
// While no account was ever made and neither provider nor proxy is configured, there
// is nobody to sign in: then whoever reaches the service on the machine itself
// (a loopback address) may read what an operator may, and nobody may change anything
// (ViaOpen). Listening elsewhere, the service answers nobody before that.
package access
