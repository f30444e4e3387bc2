package access

import (
	"errors"
	"fmt"
	"slices"
)

// Rule gives whoever is in a group, as a provider or a proxy names it, a role.
type Rule struct {
	Value       string // the group, letter by letter
	Role        Role
	Departments []string // of role Department
}

func checkRules(rules []Rule) error {
	var errs []error
	if len(rules) == 0 {
		errs = append(errs, errors.New("no rule gives anybody a role; add one"))
	}
	for i, rule := range rules {
		at := func(format string, args ...any) {
			errs = append(errs, fmt.Errorf("rule %d (%q): %s", i+1, rule.Value, fmt.Sprintf(format, args...)))
		}
		if rule.Value == "" {
			at("no group is named")
		}
		if !slices.Contains(Roles, rule.Role) {
			at("role %q is none of operator, centre, auditor, department", rule.Role)
		}
		if has := len(rule.Departments) > 0; has != (rule.Role == Department) || slices.Contains(rule.Departments, "") {
			at("role department needs departments, and no other role takes any")
		}
	}
	return errors.Join(errs...)
}

// strongest is the order in which one of several roles is taken.
var strongest = []Role{Operator, Centre, Auditor, Department}

// roleBy is what the groups give: the strongest role that one of them has, and the
// departments of all rules of role Department. "" where none gives any.
func roleBy(rules []Rule, groups []string) (Role, []string) {
	best := len(strongest)
	var departments []string
	for _, rule := range rules {
		if !slices.Contains(groups, rule.Value) {
			continue
		}
		best = min(best, slices.Index(strongest, rule.Role))
		for _, d := range rule.Departments {
			if !slices.Contains(departments, d) {
				departments = append(departments, d)
			}
		}
	}
	switch {
	case best == len(strongest):
		return "", nil
	case strongest[best] != Department:
		return strongest[best], nil
	}
	return Department, departments
}

// noRole is for somebody whom a provider or a proxy knows, and no rule.
func noRole(name string) *Denied {
	return &Denied{
		Reason: NoRole,
		Vi:     fmt.Sprintf("Tài khoản %s đã được xác thực nhưng chưa được phân quyền ở đây. Đề nghị người quản trị thêm nhóm của tài khoản vào cấu hình.", name),
		En:     fmt.Sprintf("%s is known, but none of their groups has a role here; ask the operator to add a rule for one.", name),
	}
}

// maxName bounds names that a provider or a proxy gives.
const maxName = 200

// foreignName checks a name for the audit trail and for pages.
func foreignName(name string) error {
	if name == "" || len(name) > maxName || !printable(name) {
		return fmt.Errorf("a user name that is empty, longer than %d bytes, or not printable", maxName)
	}
	return nil
}
