package web

import (
	"slices"

	"github.com/doisoat/doisoat/adapter/web/access"
)

// What the API takes, and what it answers around the shapes of the other wire files.

// Me is who asks.
type Me struct {
	Name        string              `json:"name"`
	Display     string              `json:"display"`
	Role        access.Role         `json:"role"`
	Departments []string            `json:"departments"` // of role department
	Via         access.Via          `json:"via"`
	ReadOnly    bool                `json:"read_only"`
	Language    string              `json:"language,omitzero"`
	Permissions []access.Permission `json:"permissions"`
}

func meOf(p *access.Principal) *Me {
	me := &Me{Name: p.Name, Display: p.Display, Role: p.Role, Departments: slices.Clone(p.Departments), Via: p.Via, ReadOnly: p.ReadOnly, Language: p.Language}
	for _, permission := range access.Permissions {
		if p.May(permission) {
			me.Permissions = append(me.Permissions, permission)
		}
	}
	return me
}

type (
	departmentsBody struct {
		Items []NamedDepartment `json:"departments"`
	}
	rejectedBody struct {
		Items []RejectedRow `json:"rejected"`
	}
	// actedBody is what was acted on, as it is then.
	actedBody struct {
		Items []Discrepancy `json:"discrepancies"`
	}
	accountsBody struct {
		Items []Account `json:"accounts"`
	}
	tokensBody struct {
		Items []Token `json:"tokens"`
	}
	// madeAccount, madeToken and madePassword tell a secret this once.
	madeAccount struct {
		Account  *Account `json:"account"`
		Password string   `json:"password"`
	}
	madeToken struct {
		Token *Token `json:"token"`
		Text  string `json:"text"`
	}
	madePassword struct {
		Password string `json:"password"`
	}
)

type (
	acknowledgeBody struct {
		IDs  []string `json:"ids"`
		Note string   `json:"note"`
	}
	waiveBody struct {
		IDs    []string `json:"ids"`
		Until  string   `json:"until"` // the last day, yyyy-MM-dd
		Reason string   `json:"reason"`
	}
	takeBackBody struct {
		IDs    []string `json:"ids"`
		Reason string   `json:"reason"`
	}
	letterBody struct {
		Department string `json:"department"`
	}
)
