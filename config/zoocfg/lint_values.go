package zoocfg

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// values judges numbers and switches, each by itself.
func (l *linter) values() {
	for _, e := range l.c.All() {
		k, ok := lookUp(trim(e.Key))
		if !ok {
			continue
		}
		value := intended(e)
		if _, err := strconv.ParseInt(e.Value, 16, 64); err != nil && k.key == "version" && !l.has("dynamicConfigFile") {
			l.mark(e, Error, "bad-number", quote(e.Value)+" is no hexadecimal number", refuses(`"NumberFormatException"`), "delete the line")
		}
		switch k.kind {
		case asInt, asPort, asLoose:
			l.numeric(e, k, value)
		case asBool:
			if !strings.EqualFold(value, "true") && !strings.EqualFold(value, "false") {
				l.mark(e, Error, "bad-boolean", quote(value)+" is neither true nor false", refuses(`"Invalid option `+value+`"`), "write "+k.key+"="+guess(value, "true", "false"))
			}
		case asTrue, asFalse, asYes, asNo:
			l.loose(e, k, value)
		}
	}
}

// leading is a number with something behind it.
var leading = regexp.MustCompile(`^["']?\s*([0-9]+)\b`)

// numeric judges a number.
func (l *linter) numeric(e Entry, k known, value string) {
	n, err := parseInt(value)
	if err != nil {
		severity, effect := Error, refuses(`"NumberFormatException: For input string: `+quote(value)+`"`)
		if k.kind == asLoose {
			severity, effect = Warning, "ZooKeeper says nothing, and takes its own default"
		}
		mend := "write a whole number, as " + k.key + "=" + example(k, value)
		l.mark(e, severity, "bad-number", numberWhat(value), effect, mend)
		return
	}
	switch {
	case (k.kind == asPort || isPortKey[k.key]) && (n < 0 || n > maxPort):
		effect := "the server cannot listen there"
		if k.key == "clientPort" || k.key == "secureClientPort" {
			effect = refuses(fmt.Sprintf(`"port out of range:%d"`, n))
		}
		l.mark(e, Error, "bad-port", fmt.Sprintf("%d is no port", n), effect, "write a port between 1024 and 32767")
	case k.kind == asPort || k.key == "autopurge.snapRetainCount": // other rules say more
	case k.key == "tickTime" && n == 0:
		l.mark(e, Error, "out-of-range", "tickTime is 0", refuses(`"tickTime is not set"`), "write tickTime=2000")
	case k.key == "electionAlg" && n != 3:
		l.mark(e, Error, "out-of-range", fmt.Sprintf("electionAlg is %d", n), refuses(`"Invalid electionAlg value. Only 3 is supported"`), "delete the line")
	case (k.key == "initLimit" || k.key == "syncLimit") && n < 1:
		l.limitTooLow(e, k, n)
	case n < k.least:
		severity := Warning
		if k.key == "tickTime" {
			severity = Error
		}
		l.mark(e, severity, "out-of-range", fmt.Sprintf("%s is %d", k.key, n), fmt.Sprintf("values below %d make no sense", k.least), "write "+k.key+"="+example(k, ""))
	}
}

// isPortKey are ports that are numbers to ZooKeeper.
var isPortKey = map[string]bool{"admin.serverPort": true, "metricsProvider.httpPort": true}

// limitTooLow judges a limit of ticks that no follower can keep.
func (l *linter) limitTooLow(e Entry, k known, n int) {
	switch {
	case !l.distributed():
		l.mark(e, Note, "out-of-range", fmt.Sprintf("%s is %d", k.key, n), "nothing as long as the server is alone", "write "+k.key+"="+example(k, ""))
	case n == 0:
		l.mark(e, Error, "out-of-range", k.key+" is 0", refuses(quote(k.key+" is not set")), "write "+k.key+"="+example(k, ""))
	default:
		l.mark(e, Error, "out-of-range", fmt.Sprintf("%s is %d", k.key, n), "no follower can keep to it", "write "+k.key+"="+example(k, ""))
	}
}

// numberWhat says why a value is no number.
func numberWhat(value string) string {
	switch {
	case value == "":
		return "there is no value"
	case strings.ContainsAny(value[:1], `"'`):
		return quote(value) + " is in quotes"
	case leading.MatchString(value):
		return quote(value) + " is more than a number"
	}
	return quote(value) + " is no whole number"
}

// examples are values that are right in most places.
var examples = map[string]string{
	"tickTime": "2000", "initLimit": "10", "syncLimit": "5", "clientPort": "2181", "secureClientPort": "2281",
	"maxClientCnxns": "60", "autopurge.snapRetainCount": "3", "autopurge.purgeInterval": "24", "admin.serverPort": "8081",
	"electionAlg": "3", "minSessionTimeout": "4000", "maxSessionTimeout": "40000",
}

// example is the number that a value begins with, or one that is right in most places.
func example(k known, value string) string {
	if m := leading.FindStringSubmatch(value); m != nil {
		return m[1]
	}
	if v, ok := examples[k.key]; ok {
		return v
	}
	return fmt.Sprint(max(k.least, 1))
}

// The words that people switch with.
var (
	onWords  = []string{"true", "yes", "on", "1", "enabled", "y", "t"}
	offWords = []string{"false", "no", "off", "0", "disabled", "n", "f", "none", "never"}
)

// guess is what a word was meant to be.
func guess(value, on, off string) string {
	switch word := strings.ToLower(strings.Trim(value, `"' `)); {
	case slices.Contains(onWords, word):
		return on
	case slices.Contains(offWords, word):
		return off
	}
	return on + ", or " + off
}

// loose judges a switch that knows one word only, where another was written.
func (l *linter) loose(e Entry, k known, value string) {
	if k.key == "admin.enableServer" && !l.older(3, 10) {
		k.kind = asTrue
	}
	word := switchWord(k.kind)
	other, is := "true", "on"
	switch k.kind {
	case asTrue:
		other, is = "false", "off"
	case asYes:
		other, is = "no", "off"
	case asNo:
		other = "yes"
	}
	if value == word || strings.EqualFold(value, other) {
		return
	}
	if k.kind == asTrue && strings.EqualFold(value, word) {
		return
	}
	meant := guess(value, other, word)
	if k.kind == asTrue || k.kind == asYes {
		meant = guess(value, word, other)
	}
	severity := Warning
	if meant == other { // what was meant and what is are the same
		severity = Note
	}
	l.mark(e, severity, "loose-boolean", quote(value)+" is not "+quote(word), "only "+quote(word)+" counts here: it is "+is, "write "+k.key+"="+meant)
}
