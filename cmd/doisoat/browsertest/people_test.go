package browsertest

import "testing"

// TestPeopleAtWork goes through two working days of the town, person by person. What
// one did the next one sees.
func TestPeopleAtWork(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes a while")
	}
	tn := open(t)
	c := start(t, tn)
	for _, part := range []struct {
		name string
		do   func(*testing.T, *town, *chrome)
	}{
		{"a department's clerk signs in and reads", clerkReads},
		{"a clerk answers", clerkAnswers},
		{"a clerk answers in the workbook", clerkUploads},
		{"the centre waives and sends letters", centreWorks},
		{"the centre draws up the quarter's report", centreReports},
		{"without scripts", withoutScripts},
		{"the operator looks after it all", operatorWorks},
	} {
		t.Run(part.name, func(t *testing.T) { part.do(t, tn, c) })
	}
}
