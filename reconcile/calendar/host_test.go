package calendar

import (
	"os"
	"os/exec"
	"testing"
)

// TestHostZoneIsIrrelevant runs the tests that give exact answers again, in a
// process whose own zone has daylight saving time. A zone set inside this
// process would come too late: time.Local is read once.
func TestHostZoneIsIrrelevant(t *testing.T) {
	const mark = "CALENDAR_TEST_INNER"
	if os.Getenv(mark) != "" {
		t.Skip("this is the inner run")
	}
	for _, zone := range []string{"America/New_York", "Pacific/Apia", "UTC"} {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			program, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			inner := exec.CommandContext(t.Context(), program, "-test.run", "^Test(Working|Add|DayEnd|IsWorkingDay|Stretches|CoversAndUncovered|Digest|Extremes)$")
			inner.Env = append(os.Environ(), "TZ="+zone, mark+"=1")
			if out, err := inner.CombinedOutput(); err != nil {
				t.Errorf("with TZ=%s: %v\n%s", zone, err, out)
			}
		})
	}
}
