package access

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhatEachRoleMay(t *testing.T) {
	// Written out, so that a permission is never granted by the way.
	want := map[Role]map[Permission]bool{
		Operator: {
			Anybody: true, SignedIn: true, SeeDossiers: true, Answer: true, Waive: true, SendLetters: true,
			SeeService: true, Operate: true, ManageAccount: true, SeeAudit: true,
		},
		Centre: {
			Anybody: true, SignedIn: true, SeeDossiers: true, Answer: true, Waive: true, SendLetters: true,
			SeeService: true, Operate: true, ManageAccount: false, SeeAudit: false,
		},
		Department: {
			Anybody: true, SignedIn: true, SeeDossiers: true, Answer: true, Waive: false, SendLetters: false,
			SeeService: false, Operate: false, ManageAccount: false, SeeAudit: false,
		},
		Auditor: {
			Anybody: true, SignedIn: true, SeeDossiers: true, Answer: false, Waive: false, SendLetters: false,
			SeeService: true, Operate: false, ManageAccount: false, SeeAudit: true,
		},
		"": {
			Anybody: false, SignedIn: false, SeeDossiers: false, Answer: false, Waive: false, SendLetters: false,
			SeeService: false, Operate: false, ManageAccount: false, SeeAudit: false,
		},
	}
	got := map[Role]map[Permission]bool{}
	for _, role := range append([]Role{""}, Roles...) {
		got[role] = map[Permission]bool{}
		for _, p := range Permissions {
			got[role][p] = role.May(p)
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestReadOnlyChangesNothing(t *testing.T) {
	changing := map[Permission]bool{Answer: true, Waive: true, SendLetters: true, Operate: true, ManageAccount: true}
	reader := &Principal{Role: Operator, ReadOnly: true}
	for _, p := range Permissions {
		if got := reader.May(p); got == changing[p] {
			t.Errorf("an operator who may only read: may %s: %v", p, got)
		}
	}
}

func TestNobodyMayOnlyWhatAnybodyMay(t *testing.T) {
	var nobody *Principal
	for _, p := range Permissions {
		if got := nobody.May(p); got != (p == Anybody) {
			t.Errorf("nobody may %s: %v", p, got)
		}
	}
	if nobody.Scope().All() || nobody.Scope().Sees("tu-phap") {
		t.Error("nobody sees something")
	}
}

func TestScope(t *testing.T) {
	tests := []struct {
		name       string
		who        *Principal
		own        bool
		other      bool
		nobodys    bool
		all        bool
		department []string
	}{
		{"operator", &Principal{Role: Operator}, true, true, true, true, nil},
		{"centre", &Principal{Role: Centre}, true, true, true, true, nil},
		{"auditor", &Principal{Role: Auditor}, true, true, true, true, nil},
		{"department", &Principal{Role: Department, Departments: []string{"own"}}, true, false, false, false, []string{"own"}},
		{"department without any", &Principal{Role: Department}, false, false, false, false, []string{}},
		{"role that is not known", &Principal{Role: "boss"}, false, false, false, false, []string{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := tt.who.Scope()
			got := []bool{s.Sees("own"), s.Sees("other"), s.Sees(""), s.All()}
			if d := cmp.Diff([]bool{tt.own, tt.other, tt.nobodys, tt.all}, got); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff(tt.department, s.Departments()); d != "" {
				t.Error(d)
			}
		})
	}
}
