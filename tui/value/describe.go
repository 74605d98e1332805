package value

import (
	"strconv"
	"strings"
	"time"
)

// Describe says in one short line what v is: "JSON · 212 B", "gzip of JSON · 1.2
// kB, 8.1 kB unpacked", "binary · 64 B · Java serialised".
func Describe(v Value) string {
	if v.Format == Null {
		return "null"
	}
	name, size := v.Format.String(), Size(int64(len(v.Raw)))
	if v.Gzip {
		name = "gzip of " + name
		size += ", " + Size(int64(len(v.Data))) + " unpacked"
	}
	parts := []string{name}
	if v.Encoding > UTF8 {
		parts = append(parts, v.Encoding.String())
	}
	if v.Format != Empty || v.Gzip {
		parts = append(parts, size)
	}
	if v.Hint != "" {
		parts = append(parts, v.Hint)
	}
	if v.Cut {
		parts = append(parts, "unpacked only that far")
	}
	if v.Damaged {
		parts = append(parts, "the gzip stream is damaged")
	}
	return strings.Join(parts, " · ")
}

// Describe is the package's Describe of the value, and what is not in the document:
// "… · truncated: first 262 kB of 922 kB shown".
func (d *Document) Describe() string {
	s := Describe(d.Value)
	if d.Shown < d.Total {
		s += " · truncated: first " + Size(int64(d.Shown)) + " of " + Size(int64(d.Total)) + " shown"
	}
	if d.Plain {
		s += " · highlighted in part"
	}
	return s
}

// Size returns a number of bytes in at most seven characters and decimal units:
// "212 B", "1.2 kB", "83 MB". What is not known, below zero, is "?".
func Size(n int64) string {
	if n < 0 {
		return "?"
	}
	if n < 1000 {
		return strconv.FormatInt(n, 10) + " B"
	}
	f := float64(n)
	for _, unit := range []string{" kB", " MB", " GB", " TB", " PB"} {
		switch f /= 1000; {
		case f < 9.95:
			return strconv.FormatFloat(f, 'f', 1, 64) + unit
		case f < 999.5:
			return strconv.FormatFloat(f, 'f', 0, 64) + unit
		}
	}
	return strconv.FormatFloat(f/1000, 'f', 0, 64) + " EB"
}

// Age returns how long ago something was, rounded down: "3 s", "12 m", "2:11:09"
// from an hour, "5 d" from a day, "3 y" from a thousand days. Clocks that disagree
// make negative ages; those are "0 s".
func Age(d time.Duration) string {
	switch {
	case d < time.Second:
		return "0 s"
	case d < time.Minute:
		return strconv.Itoa(int(d/time.Second)) + " s"
	case d < time.Hour:
		return strconv.Itoa(int(d/time.Minute)) + " m"
	case d < 24*time.Hour:
		return Clock(d)
	}
	days := int(d / (24 * time.Hour))
	if days < 1000 {
		return strconv.Itoa(days) + " d"
	}
	return strconv.Itoa(days/365) + " y"
}

// Clock returns a duration as on a stopwatch, for what is counted in place: "0:04",
// "5:40", "2:11:09", "5 d 2:11:09".
func Clock(d time.Duration) string {
	s := int64(max(d, 0) / time.Second)
	days, hours, minutes := s/86400, s/3600%24, s/60%60
	out := ""
	if days > 0 {
		out = strconv.FormatInt(days, 10) + " d "
	}
	two := func(n int64) string { return string([]byte{'0' + byte(n/10), '0' + byte(n%10)}) }
	if days > 0 || hours > 0 {
		return out + strconv.FormatInt(hours, 10) + ":" + two(minutes) + ":" + two(s%60)
	}
	return strconv.FormatInt(minutes, 10) + ":" + two(s%60)
}
