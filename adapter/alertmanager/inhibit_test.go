package alertmanager_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A real Alertmanager says which alerts another one silences.
func TestInhibition(t *testing.T) {
	departments, o := example(t)
	config := write(t, generate(t, departments, o))
	tests := []struct {
		name   string
		alerts []string // labels, as name=value, separated by blanks; alertname comes first, without its Doisoat
		quiet  []string // those of them that nobody is told of
	}{
		{"the daemon is down: nothing else is told, but that alerting works", []string{
			"Down", "Watchdog", "MismatchesOpen department=KT kind=a", "PlatformDown source=dvc", "NightlyRunMissed severity=critical",
		}, []string{"MismatchesOpen department=KT kind=a", "PlatformDown source=dvc", "NightlyRunMissed severity=critical"}},
		{"the platform is down: no mismatch of any department and no missed night, but offices that are down", []string{
			"PlatformDown source=dvc", "MismatchesOpen department=KT kind=a", "MismatchesPastCorrectionTime department=TP kind=a", "HiddenOverdue department=TP", "MismatchSurge department=KT",
			"NightlyRunMissed severity=warning", "NightlyRunIncomplete run=nightly", "SourceStale source=dvc", "SourceDown source=land department=TP", "RunStuck run=nightly", "DeliveryDead department=KT",
		}, []string{
			"MismatchesOpen department=KT kind=a", "MismatchesPastCorrectionTime department=TP kind=a", "HiddenOverdue department=TP", "MismatchSurge department=KT",
			"NightlyRunMissed severity=warning", "NightlyRunIncomplete run=nightly", "SourceStale source=dvc",
		}},
		{"an office is down: its department's mismatches, not another's; nor that it is stale", []string{
			"SourceDown source=land department=TP", "MismatchesOpen department=TP kind=a", "MismatchSurge department=TP", "MismatchesOpen department=KT kind=a",
			"SourceStale source=land department=TP", "SourceStale source=book department=TP", "UnmappedValues source=land field=status",
		}, []string{"MismatchesOpen department=TP kind=a", "MismatchSurge department=TP", "SourceStale source=land department=TP"}},
		{"an office is stale", []string{"SourceStale source=land department=TP", "HiddenOverdue department=TP", "HiddenOverdue department=KT"}, []string{"HiddenOverdue department=TP"}},
		{"an office's book was emptied", []string{"SnapshotRefused source=land department=TP", "MismatchesOpen department=TP kind=a", "MismatchesOpen department=KT kind=a"}, []string{"MismatchesOpen department=TP kind=a"}},
		{"the platform is stale: all mismatches", []string{"SourceStale source=dvc", "MismatchesOpen department=TP kind=a", "NightlyRunMissed severity=warning"}, []string{"MismatchesOpen department=TP kind=a"}},
		{"a part of the platform was refused: mismatches are told", []string{"SnapshotRefused source=dvc", "MismatchesOpen department=TP kind=a"}, nil},
		{"past the correction time says more than open, of the same kind", []string{
			"MismatchesPastCorrectionTime department=TP kind=a", "MismatchesOpen department=TP kind=a", "MismatchesOpen department=TP kind=b", "MismatchesOpen department=KT kind=a",
		}, []string{"MismatchesOpen department=TP kind=a"}},
		{"two nights missed say more than one", []string{"NightlyRunMissed severity=critical", "NightlyRunMissed severity=warning"}, []string{"NightlyRunMissed severity=warning"}},
		{"old data hides nothing", []string{"SourceDataStale source=land department=TP", "MismatchesOpen department=TP kind=a"}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, config)
			for _, a := range test.alerts {
				s.fire(labels(a)...)
			}
			var quiet []string
			for _, a := range s.alerts(len(test.alerts)) {
				for _, given := range test.alerts {
					if same(a.Labels, labels(given)) && len(a.Status.InhibitedBy) > 0 {
						quiet = append(quiet, given)
					}
				}
			}
			slices.Sort(quiet)
			slices.Sort(test.quiet)
			if diff := cmp.Diff(test.quiet, quiet); diff != "" {
				t.Errorf("not told (-want +got):\n%s", diff)
			}
		})
	}
}

func labels(alert string) []string {
	words := strings.Fields(alert)
	all := []string{"alertname", "Doisoat" + words[0]}
	for _, w := range words[1:] {
		name, value, _ := strings.Cut(w, "=")
		all = append(all, name, value)
	}
	return all
}

func same(have map[string]string, want []string) bool {
	for i := 0; i < len(want); i += 2 {
		if have[want[i]] != want[i+1] {
			return false
		}
	}
	return len(have) == len(want)/2
}
