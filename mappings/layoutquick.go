package mappings

// quickOp is a part of a layout whose place in the text is known beforehand.
type quickOp struct {
	kind       opKind
	pos, width uint8
	sign       byte // opLiteral, opBlanks
}

// quickOps is the layout as texts nearly always have it: numbers of full width,
// one blank for each blank, signs of one byte. nil where that is not possible.
func (l *layout) quickOps() ([]quickOp, int) {
	var ops []quickOp
	pos := 0
	for _, o := range l.ops {
		switch {
		case o.kind == opBlanks:
			ops = append(ops, quickOp{kind: opLiteral, pos: uint8(pos), sign: ' '})
			pos++
		case o.kind == opLiteral:
			for i := range len(o.literal) {
				ops = append(ops, quickOp{kind: opLiteral, pos: uint8(pos + i), sign: o.literal[i]})
			}
			pos += len(o.literal)
		case o.min == o.max && (o.max == 2 || o.max == 4) && o.kind != opFraction && o.kind != opHalfDayHour:
			ops = append(ops, quickOp{kind: o.kind, pos: uint8(pos), width: uint8(o.max)})
			pos += o.max
		default:
			return nil, 0
		}
	}
	if pos > 200 {
		return nil, 0
	}
	return ops, pos
}

// readQuick reads a text of the usual length. false means that it is written
// otherwise; the caller then reads it part by part.
func (l *layout) readQuick(s string, r *reading) bool {
	if len(s) != l.usual {
		return false
	}
	for i := range l.quick {
		o := &l.quick[i]
		pos := int(o.pos)
		if o.kind == opLiteral {
			if s[pos] != o.sign {
				return false
			}
			continue
		}
		a, b := s[pos]-'0', s[pos+1]-'0'
		if a > 9 || b > 9 {
			return false
		}
		v := int(a)*10 + int(b)
		switch o.kind {
		case opYear:
			c, d := s[pos+2]-'0', s[pos+3]-'0'
			if c > 9 || d > 9 {
				return false
			}
			r.year = v*100 + int(c)*10 + int(d)
		case opMonth:
			r.month = v
		case opDay:
			r.day = v
		case opHour:
			r.hour = v
		case opMinute:
			r.minute = v
		case opSecond:
			r.second = v
		default:
			r.set(o.kind, v, 2)
		}
	}
	return true
}
