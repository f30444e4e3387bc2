package reconcile

// Status is one of the ten national dossier statuses (TrangThaiHoSo), by name.
// The empty Status stands for a value that the mapping does not know.
type Status string

// The national status list, in its own order: code 1 is Registered, 10 Returned.
const (
	Registered Status = "registered" // 1 mới đăng ký
	Received   Status = "received"   // 2 được tiếp nhận
	Refused    Status = "refused"    // 3 không được tiếp nhận
	Processing Status = "processing" // 4 đang xử lý
	Supplement Status = "supplement" // 5 yêu cầu bổ sung giấy tờ
	Payment    Status = "payment"    // 6 yêu cầu thực hiện nghĩa vụ tài chính
	Withdrawn  Status = "withdrawn"  // 7 công dân yêu cầu rút
	Stopped    Status = "stopped"    // 8 dừng xử lý
	Resolved   Status = "resolved"   // 9 đã xử lý xong
	Returned   Status = "returned"   // 10 đã trả kết quả
)

// Statuses lists the ten in the order of their national codes.
var Statuses = []Status{
	Registered, Received, Refused, Processing, Supplement,
	Payment, Withdrawn, Stopped, Resolved, Returned,
}

// StatusLabels names each status as a department reads it.
var StatusLabels = map[Status]string{
	Registered: "Mới đăng ký",
	Received:   "Được tiếp nhận",
	Refused:    "Không được tiếp nhận",
	Processing: "Đang xử lý",
	Supplement: "Yêu cầu bổ sung giấy tờ",
	Payment:    "Yêu cầu thực hiện nghĩa vụ tài chính",
	Withdrawn:  "Công dân yêu cầu rút",
	Stopped:    "Dừng xử lý",
	Resolved:   "Đã xử lý xong",
	Returned:   "Đã trả kết quả",
}

// Group gathers the statuses that mean the same for reconciling.
type Group string

// The five groups. Done and Dropped are ended, the others live.
const (
	Pending Group = "pending" // not yet taken in
	Open    Group = "open"    // being worked on
	Paused  Group = "paused"  // waiting for the citizen; the clock stands still
	Done    Group = "done"    // resolved
	Dropped Group = "dropped" // ended without a result
)

// Groups lists the groups in the order a dossier passes through them.
var Groups = []Group{Pending, Open, Paused, Done, Dropped}

// Ended reports whether a dossier in this group is finished.
func (g Group) Ended() bool { return g == Done || g == Dropped }

// Live reports whether a dossier in this group still has to be finished.
func (g Group) Live() bool { return g == Pending || g == Open || g == Paused }

// DefaultGroup is the grouping of RULES.md §1. A mapping may group
// otherwise; its choice travels with each record.
func DefaultGroup(s Status) Group {
	switch s {
	case Registered:
		return Pending
	case Received, Processing:
		return Open
	case Supplement, Payment:
		return Paused
	case Resolved, Returned:
		return Done
	case Refused, Withdrawn, Stopped:
		return Dropped
	}
	return ""
}
