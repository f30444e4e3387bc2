package reconcile

// Channel is the way a dossier came in (KenhThucHien). Only the report's form
// counts by it: no rule compares it, and it decides nothing else. The empty
// Channel is unknown.
type Channel string

// The national list of channels, in its own order: code 1 is InPerson.
const (
	InPerson Channel = "in_person" // 1 trực tiếp
	Online   Channel = "online"    // 2 trực tuyến
	ByPost   Channel = "post"      // 3 bưu chính công ích
)

// Channels lists the three in the order of their national codes.
var Channels = []Channel{InPerson, Online, ByPost}

// ChannelLabels names each channel as a department reads it.
var ChannelLabels = map[Channel]string{
	InPerson: "Trực tiếp",
	Online:   "Trực tuyến",
	ByPost:   "Dịch vụ bưu chính",
}
