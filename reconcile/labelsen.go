package reconcile

// The labels in English, for whoever switches the pages to it; the names that a
// department uses are those of KindLabels, StatusLabels and so on.

// KindLabelsEn names each kind in English.
var KindLabelsEn = map[Kind]string{
	ResolvedNotClosed:      "Resolved, not closed on the platform",
	ClosedInProgress:       "In progress, closed on the platform",
	OutcomeMismatch:        "Different outcomes",
	PauseMismatch:          "Paused on one side only",
	CompletionDateMismatch: "Different end dates",
	DueDateMismatch:        "Different due dates (extension not entered)",
	DepartmentMismatch:     "Wrong department",
	MissingInOffice:        "Not in the department's records",
	MissingOnPlatform:      "Not on the platform",
	DuplicateCode:          "Code held twice",
	UnmappedStatus:         "Unmapped status",
	InvalidRecord:          "Invalid record",
	Reopened:               "Reopened after its end",
	BackdatedClose:         "Closed backdated",
}

// StatusLabelsEn names each status in English.
var StatusLabelsEn = map[Status]string{
	Registered: "Registered",
	Received:   "Received",
	Refused:    "Refused",
	Processing: "Processing",
	Supplement: "Waiting for papers",
	Payment:    "Waiting for a payment",
	Withdrawn:  "Withdrawn",
	Stopped:    "Stopped",
	Resolved:   "Resolved",
	Returned:   "Result returned",
}

// StateLabelsEn names each state in English.
var StateLabelsEn = map[State]string{
	StateSuspected:    "Being watched",
	StateOpen:         "To be corrected",
	StateAcknowledged: "Answered by the department",
	StateWaived:       "Waived for now",
	StateResolved:     "Agreeing again",
}

// EffectLabelsEn is EffectLabels in English.
var EffectLabelsEn = map[Effect]string{
	EffectNone:    "No effect",
	FalseOverdue:  "Reported overdue, in truth on time",
	HiddenOverdue: "In truth overdue, not reported",
}

// CorrectionLabelsEn names each correction in English.
var CorrectionLabelsEn = map[Correction]string{
	CorrectPlatform: "To be corrected on the platform",
	CorrectOffice:   "To be corrected in the department's records",
	CorrectVerify:   "To be verified",
}

// ChannelLabelsEn names each channel in English.
var ChannelLabelsEn = map[Channel]string{
	InPerson: "In person",
	Online:   "Online",
	ByPost:   "By post",
}

// TaskEn is Task in English.
func TaskEn(kind Kind, side Side, office *Record) string {
	correction := CorrectionOf(kind, side, office)
	switch kind {
	case ResolvedNotClosed:
		return "Enter the result on the platform and close the dossier there, with the day on which it was resolved."
	case ClosedInProgress:
		return "The dossier is not finished: have it reopened on the platform; if it is finished, bring the department's records up to date."
	case OutcomeMismatch:
		return "Check the outcome against the original file and correct the side that is wrong."
	case PauseMismatch:
		return "Pause or resume the dossier on the platform as it really stands."
	case CompletionDateMismatch:
		return "Check the end date against the original file and correct the side that is wrong."
	case DueDateMismatch:
		if correction == CorrectPlatform {
			return "Enter the extension on the platform."
		}
		return "Bring the due date in the department's records in line with the platform, or tell the centre if the platform's is wrong."
	case DepartmentMismatch:
		return "Find out which department is responsible and pass the dossier on to it."
	case MissingInOffice:
		return "Enter the dossier in the department's records; if it never arrived, tell the centre."
	case MissingOnPlatform:
		return "Digitise and receive the dossier on the platform; if the code is mistyped, correct it in the department's records."
	case DuplicateCode:
		if correction == CorrectOffice {
			return "Several rows of the department's records hold this code with different content: keep the right one, correct the code of the others."
		}
		return "Several records of the platform hold this code with different content: tell the centre, which has them cleared up."
	case UnmappedStatus:
		return "Nothing to do yet: the centre adds what this status means; it is no omission of the department's."
	case InvalidRecord:
		if correction == CorrectOffice {
			return "Correct the dossier's dates in the department's records."
		}
		return "Correct the dossier's dates on the platform."
	case Reopened:
		return "The dossier was ended and is open again: say why, and enter the new due date if it changed."
	case BackdatedClose:
		return "Verify the end date: it lies before the moment at which the dossier was still read as in progress."
	}
	return ""
}
