package web

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/reconcile"
)

// wired is every type that is sent, with its schema.
var wired = map[string]any{
	"Page": pageBody{}, "Sources": sourcesBody{}, "Discrepancy": Discrepancy{}, "Record": Record{}, "Dossier": Dossier{},
	"ExplainedRecord": ExplainedRecord{}, "RejectedRow": RejectedRow{}, "RuleTried": RuleTried{}, "Finding": Finding{}, "GraceDay": GraceDay{},
	"Deadline": Deadline{}, "DiscrepancyLife": DiscrepancyLife{}, "Event": Event{}, "Snapshot": Snapshot{}, "Source": Source{}, "Attempt": Attempt{},
	"Unmapped": Unmapped{}, "Status": Status{}, "StoreStatus": StoreStatus{}, "ConfigStatus": ConfigStatus{}, "Run": Run{}, "RunningRun": RunningRun{},
	"Count": Count{}, "Guards": Guards{}, "HeldSnapshot": HeldSnapshot{}, "HeldRun": HeldRun{}, "NotAccepted": NotAccepted{}, "JobCount": JobCount{},
	"Problem": problem{}, "BadParameter": badParameter{},

	"NamedDepartment": NamedDepartment{}, "Departments": departmentsBody{}, "Overview": Overview{}, "DepartmentOverview": DepartmentOverview{}, "KindOverview": KindOverview{},
	"DayOverview": DayOverview{}, "Me": Me{}, "Acted": actedBody{}, "AcknowledgeBody": acknowledgeBody{}, "WaiveBody": waiveBody{}, "TakeBackBody": takeBackBody{},
	"LetterBody": letterBody{}, "AnswersTaken": AnswersTaken{}, "Letter": Letter{}, "LetterItem": LetterItem{}, "LetterPage": LetterPage{}, "Delivery": Delivery{},
	"DeliveryPage": DeliveryPage{}, "Report": Report{}, "Sentence": Sentence{}, "ReportRow": ReportRow{}, "Counts": reconcile.Counts{}, "FormCounts": reconcile.FormCounts{},
	"CellPage": CellPage{}, "CellDossier": CellDossier{}, "RejectedRows": rejectedBody{}, "Account": Account{}, "Accounts": accountsBody{}, "NewAccount": NewAccount{},
	"AccountChange": AccountChange{}, "MadeAccount": madeAccount{}, "MadePassword": madePassword{}, "Token": Token{}, "Tokens": tokensBody{}, "NewToken": NewToken{},
	"MadeToken": madeToken{}, "AuditEntry": AuditEntry{}, "AuditPage": AuditPage{}, "AuditVerdict": AuditVerdict{},
}

// listed is every enumeration, with its schema.
var listed = map[string][]string{
	"Kind": texts(reconcile.Kinds), "State": texts(reconcile.States), "Effect": texts(reconcile.Effects),
	"Side": {string(reconcile.Platform), string(reconcile.Office)}, "DossierStatus": append([]string{""}, texts(reconcile.Statuses)...),
	"Mode": {string(reconcile.Full), string(reconcile.Incremental)}, "SnapshotState": texts(reconcile.SnapshotStates), "Cause": texts(reconcile.Causes),
	"RunKind": texts(RunKinds), "VerdictText": texts(VerdictTexts),
	"Role": texts(access.Roles), "Permission": texts(access.Permissions), "DeliveryState": texts(DeliveryStates), "Outcome": Outcomes, "By": texts(reconcile.Bys),
	"CellAccount": texts(reconcile.Accounts), "Column": texts(reconcile.Columns),
	"Via": texts([]access.Via{access.ViaPassword, access.ViaOIDC, access.ViaProxy, access.ViaToken, access.ViaDemo, access.ViaOpen, access.ViaCommand}),
}

// named are the schemas of Go types that are enumerations.
var named = map[reflect.Type]string{
	reflect.TypeFor[reconcile.Kind](): "Kind", reflect.TypeFor[reconcile.State](): "State", reflect.TypeFor[reconcile.Effect](): "Effect",
	reflect.TypeFor[reconcile.Side](): "Side", reflect.TypeFor[reconcile.Status](): "DossierStatus", reflect.TypeFor[reconcile.Mode](): "Mode",
	reflect.TypeFor[reconcile.SnapshotState](): "SnapshotState", reflect.TypeFor[reconcile.Cause](): "Cause", reflect.TypeFor[RunKind](): "RunKind",
	reflect.TypeFor[VerdictText](): "VerdictText", reflect.TypeFor[access.Via](): "Via",
	reflect.TypeFor[access.Permission](): "Permission", reflect.TypeFor[DeliveryState](): "DeliveryState", reflect.TypeFor[reconcile.By](): "By",
}

// given are the pointers that are never nil.
var given = []string{"account", "token"}

func texts[T ~string](list []T) []string {
	var out []string
	for _, one := range list {
		out = append(out, string(one))
	}
	return out
}

func TestEveryEnumerationIsTheDocumentsOwn(t *testing.T) {
	for name, want := range listed {
		var got []string
		list, _ := theDocument(t).at("components", "schemas", name, "enum")
		for _, one := range list.([]any) {
			got = append(got, one.(string))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-code +document):\n%s", name, diff)
		}
	}
}

func TestEveryFieldIsInTheDocumentAndTheReverse(t *testing.T) {
	for name, value := range wired {
		want := map[string]string{}
		fieldsOf(reflect.TypeOf(value), want)
		got := map[string]string{}
		propertiesOf(t, theDocument(t).object("components", "schemas", name), got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-code +document):\n%s", name, diff)
		}
	}
}

func TestEverySchemaBelongsToAType(t *testing.T) {
	known := slices.Concat(slices.Collect(maps.Keys(wired)), slices.Collect(maps.Keys(listed)), []string{"Text", "Moment", "WorkingTime", "RecordOrNull"})
	for name := range theDocument(t).object("components", "schemas") {
		if !slices.Contains(known, name) {
			t.Errorf("schema %s has no Go type", name)
		}
	}
}

// fieldsOf writes each JSON field of a type as "shape" or "shape?" where it may be
// left out.
func fieldsOf(typ reflect.Type, into map[string]string) {
	for i := range typ.NumField() {
		f := typ.Field(i)
		if f.Anonymous {
			fieldsOf(f.Type, into)
			continue
		}
		name, option, _ := strings.Cut(f.Tag.Get("json"), ",")
		shape := shapeOf(f.Type)
		if slices.Contains(given, name) {
			shape = strings.TrimSuffix(shape, " or null")
		}
		if option == "omitzero" {
			shape += "?"
		}
		into[name] = shape
	}
}

func shapeOf(typ reflect.Type) string {
	if name := named[typ]; name != "" {
		return name
	}
	switch typ.Kind() {
	case reflect.Pointer:
		if typ.Elem().Kind() == reflect.Struct {
			return schemaOf(typ.Elem()) + " or null"
		}
		return shapeOf(typ.Elem())
	case reflect.Struct:
		return schemaOf(typ)
	case reflect.Slice:
		return "list of " + shapeOf(typ.Elem())
	case reflect.Map:
		return "map of " + shapeOf(typ.Elem())
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Int64:
		return "integer"
	case reflect.Float64:
		return "number"
	}
	return typ.String()
}

func schemaOf(typ reflect.Type) string {
	for name, value := range wired {
		if reflect.TypeOf(value) == typ {
			return name
		}
	}
	return typ.String()
}

// propertiesOf is fieldsOf for a schema.
func propertiesOf(t *testing.T, schema map[string]any, into map[string]string) {
	t.Helper()
	parts, _ := schema["allOf"].([]any)
	for _, part := range parts {
		propertiesOf(t, followed(t, part.(map[string]any)), into)
	}
	required, _ := schema["required"].([]any)
	properties, _ := schema["properties"].(map[string]any)
	for name, p := range properties {
		into[name] = shapeOfSchema(t, p.(map[string]any))
		if !slices.Contains(required, any(name)) {
			into[name] += "?"
		}
	}
	for _, name := range required {
		if properties[name.(string)] == nil {
			t.Errorf("%v is required and not described", name)
		}
	}
}

func followed(t *testing.T, schema map[string]any) map[string]any {
	t.Helper()
	if ref, ok := schema["$ref"].(string); ok {
		return theDocument(t).object(strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
	}
	return schema
}

func shapeOfSchema(t *testing.T, schema map[string]any) string {
	t.Helper()
	if ref, ok := schema["$ref"].(string); ok {
		switch name := strings.TrimPrefix(ref, "#/components/schemas/"); name {
		case "Moment", "WorkingTime", "Text":
			return "string"
		case "Role", "Outcome": // what is stored or typed may be another
			return "string"
		case "RecordOrNull":
			return "Record or null"
		default:
			return name
		}
	}
	if either, ok := schema["anyOf"].([]any); ok {
		return shapeOfSchema(t, either[0].(map[string]any)) + " or " + shapeOfSchema(t, either[1].(map[string]any))
	}
	if enum, ok := schema["enum"].([]any); ok && enum[0] == "" {
		return "State" // that of an event's beginning
	}
	switch kind := schema["type"]; kind {
	case "array":
		return "list of " + shapeOfSchema(t, schema["items"].(map[string]any))
	case "object":
		return "map of " + shapeOfSchema(t, schema["additionalProperties"].(map[string]any))
	default:
		return kind.(string)
	}
}

func TestTheDocumentRefusesWhatIsWrong(t *testing.T) {
	d := theDocument(t)
	for name, c := range map[string]struct {
		path, body, kind string
		status           int
	}{
		"a field is missing":        {"/api/v1/sources", `{}`, "application/json", 200},
		"a list is null":            {"/api/v1/discrepancies", `{"discrepancies":null}`, "application/json", 200},
		"a date is none":            {"/api/v1/discrepancies", `{"as_of":"yesterday","discrepancies":[]}`, "application/json", 200},
		"another type of content":   {"/api/v1/sources", `{"sources":[]}`, "text/html", 200},
		"a status not foreseen":     {"/api/v1/sources", `{"title":"Teapot","status":418,"detail":"…"}`, "application/problem+json", 418},
		"a path not foreseen":       {"/api/v1/other", `{}`, "application/json", 200},
		"a problem without a title": {"/api/v1/sources", `{"status":503,"detail":"…"}`, "application/problem+json", 503},
	} {
		header := map[string][]string{"Content-Type": {c.kind}, "Etag": {`"a"`}, "Cache-Control": {"no-cache"}, "X-Request-Id": {"a"}, "Retry-After": {"5"}}
		if d.check("GET", c.path, answered{c.status, header, c.body}) == nil {
			t.Errorf("%s: not found", name)
		}
	}
}
