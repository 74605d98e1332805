package zoocfg_test

import (
	"fmt"
	"strings"
	"testing"

	"zkdeck/config/zoocfg"
)

// clean is a file that there is nothing to say about.
const clean = `# A server of three
tickTime=2000
initLimit=10
syncLimit=5
dataDir=/var/lib/zk1
clientPort=2181
clientPortAddress=127.0.0.1
admin.enableServer=false
4lw.commands.whitelist=*
autopurge.purgeInterval=24
autopurge.snapRetainCount=3
server.1=127.0.0.1:2888:3888
server.2=127.0.0.1:2889:3889
server.3=127.0.0.1:2890:3890
`

// changed is the clean file with other lines for keys: "key=value" replaces the line of
// that key or comes at the end, "-key" takes it away.
func changed(lines ...string) string {
	text := clean
	for _, line := range lines {
		at, rest, _ := strings.Cut(strings.TrimPrefix(line, "-"), "=")
		i := strings.Index(text, "\n"+strings.TrimSpace(at)+"=")
		switch {
		case i < 0 || strings.HasPrefix(line, "+"):
			text += strings.TrimPrefix(line, "+") + "\n"
		default:
			j := i + 1 + strings.IndexByte(text[i+1:], '\n')
			put := "\n" + at + "=" + rest
			if strings.HasPrefix(line, "-") {
				put = "\n# "
			}
			text = text[:i] + put + text[j:]
		}
	}
	return text
}

// linted are the findings as "line severity rule", a line each.
func linted(found []zoocfg.Finding) string {
	var all []string
	for _, f := range found {
		all = append(all, fmt.Sprintf("%d %s %s", f.Line, f.Severity, f.Rule))
	}
	return strings.Join(all, ", ")
}

var linux = zoocfg.LintOptions{GOOS: "linux", Temp: []string{"/tmp", "/var/tmp"}}

func TestLint(t *testing.T) {
	for name, at := range map[string]struct {
		text string
		want string
	}{
		"clean": {clean, ""},
		"CR LF": {strings.ReplaceAll(clean, "\n", "\r\n"), ""},

		"comment behind a number":  {changed("tickTime=2000 ## a tick"), "2 error inline-comment"},
		"comment without a blank":  {changed("tickTime=2000#a tick"), "2 error inline-comment"},
		"comment of C":             {changed("clientPort=2181 // clients"), "6 error inline-comment"},
		"comment behind a folder":  {changed("dataDir=/var/lib/zk1 # data"), "5 error inline-comment"},
		"no comment in a folder":   {changed("dataDir=/var/lib/zk#1"), ""},
		"comment behind a server":  {changed("server.1=127.0.0.1:2888:3888 # one"), "12 error inline-comment"},
		"comment behind a switch":  {changed("admin.enableServer=false # off"), "8 warning inline-comment"},
		"comment behind a boolean": {changed("+standaloneEnabled=true # x"), "15 error inline-comment"},
		"comment, loose number":    {changed("+snapCount=1000 # x"), "15 warning inline-comment"},
		"comment behind a list":    {changed("4lw.commands.whitelist=* # all"), "9 warning inline-comment"},
		"comment behind an IP":     {changed("clientPortAddress=127.0.0.1 # me"), "7 error inline-comment"},

		"BOM before a comment": {"\xef\xbb\xbf" + clean, "1 warning bom"},
		"BOM before a key":     {"\xef\xbb\xbf" + strings.TrimPrefix(clean, "# A server of three\n"), "1 error bom"},
		"twice":                {changed("+clientPort=2182"), "15 warning duplicate-key"},
		"twice the same":       {changed("+clientPort=2181"), "15 note duplicate-key"},
		"malformed":            {changed(`+my.key=\u12`), "15 error bad-escape, 15 warning unknown-key"},
		"backslashes":          {changed(`dataDir=C:\zk\data`), "5 error backslash, 5 warning relative-path"},
		"backslash elsewhere":  {changed(`+superUser=a\b`), "15 warning backslash"},
		"joined lines":         {changed(`tickTime=2000\`), "2 error joined-lines, 2 error bad-number, 0 error missing-key"},
		"letters in a folder":  {changed("dataDir=/dätä"), "5 error non-ascii"},
		"letters elsewhere":    {changed("+superUser=jürgen"), "15 warning non-ascii"},
		"letters, escaped":     {changed(`dataDir=/d\u00e4t\u00e4`), "5 warning non-ascii"},
		"blank behind server":  {changed("server.3=127.0.0.1:2890:3890 "), "14 error trailing-blank"},
		"blank behind number":  {changed("clientPort=2181 "), ""},

		"wrong case":           {changed("-clientPort", "+clientport=2181"), "7 error address-without-port, 15 error wrong-case"},
		"wrong case, harmless": {changed("+maxclientcnxns=60"), "15 warning wrong-case"},
		"typo":                 {changed("+maxClientCnxn=60"), "15 warning typo"},
		"typo beside":          {changed("+tickTim=60"), "15 warning typo"},
		"typo of dataDir":      {changed("-dataDir", "+dataDri=/var/lib/zk1"), "15 error typo"},
		"typo of initLimit":    {changed("-initLimit", "+initLimt=10"), "15 error typo"},
		"a file for a folder":  {changed("dataDir=/dev/null"), "5 error not-a-folder"},
		"dash":                 {changed("+max-client-cnxns=60"), "15 warning typo"},
		"other name":           {changed("+maxClientConnections=60"), "15 warning typo"},
		"prefix":               {changed("+zookeeper.snapCount=1000"), "15 warning zookeeper-prefix"},
		"prefix, unknown":      {changed("+zookeeper.foo=1000"), "15 warning zookeeper-prefix"},
		"needs -D":             {changed("+jute.maxbuffer=4194304"), "15 warning needs-property"},
		"needs -D, prefix":     {changed("+zookeeper.jute.maxbuffer=4194304"), "15 warning needs-property"},
		"environment":          {changed("+JVMFLAGS=-Xmx1g"), "15 warning environment-key"},
		"myid in the file":     {changed("+myid=1"), "15 warning myid-key"},
		"unknown":              {changed("+something.else=1"), "15 warning unknown-key"},
		"plugin's":             {changed("+authProvider.1=org.example.P", "+ssl.keyStore.location=/x"), ""},
		"server1":              {changed("+server4=127.0.0.1:2891:3891"), "15 error unknown-key"},
		"Server.1":             {changed("+Server.4=127.0.0.1:2891:3891"), "15 error unknown-key"},
		"node.1":               {changed("+node.4=127.0.0.1:2891:3891"), "15 error unknown-key"},

		"no number":        {changed("tickTime=two"), "2 error bad-number"},
		"unit":             {changed("tickTime=2000ms"), "2 error bad-number"},
		"number in quotes": {changed(`clientPort="2181"`), "6 error bad-number"},
		"empty number":     {changed("clientPort="), "6 error bad-number"},
		"loose number":     {changed("+snapCount=many"), "15 warning bad-number"},
		"port too large":   {changed("clientPort=70000"), "6 error bad-port"},
		"port negative":    {changed("clientPort=-1"), "6 error bad-port"},
		"tick 0":           {changed("tickTime=0"), "2 error out-of-range"},
		"init 0":           {changed("initLimit=0"), "3 error out-of-range"},
		"sync -1":          {changed("syncLimit=-1"), "4 error out-of-range"},
		"election":         {changed("+electionAlg=1"), "15 error out-of-range"},
		"boolean":          {changed("+standaloneEnabled=no"), "15 error bad-boolean"},
		"no means on":      {changed("admin.enableServer=no"), "8 warning loose-boolean, 8 warning admin-port"},
		"FALSE means on":   {changed("admin.enableServer=FALSE"), "8 warning loose-boolean, 8 warning admin-port"},
		"yes means off":    {changed("+extendedTypesEnabled=yes"), "15 warning loose-boolean"},
		"true means no":    {changed("+skipACL=true"), "15 warning loose-boolean"},
		"false means yes":  {changed("+forceSync=false"), "15 warning loose-boolean"},

		"no dataDir":         {changed("-dataDir"), "0 error missing-key"},
		"temporary":          {changed("dataDir=/tmp/zookeeper"), "5 warning temporary-folder"},
		"not temporary":      {changed("dataDir=/tmpfiles"), ""},
		"quoted":             {changed(`dataDir="/var/lib/zk"`), "5 error quoted-path"},
		"tilde":              {changed("dataDir=~/zk"), "5 error tilde-path"},
		"variable":           {changed("dataDir=$HOME/zk"), "5 error variable-path"},
		"relative":           {changed("dataDir=data"), "5 warning relative-path"},
		"empty folder":       {changed("dataDir="), "5 error relative-path"},
		"one letter":         {changed("dataLogDir=d"), "15 error relative-path"},
		"log in a temporary": {changed("dataLogDir=/var/tmp/x"), "15 warning temporary-folder"},

		"no tick":            {changed("-tickTime"), "0 warning missing-key"},
		"short tick":         {changed("tickTime=10"), "2 warning short-tick, 3 warning short-init, 4 warning short-sync"},
		"long tick":          {changed("tickTime=20000"), "2 warning long-tick, 4 warning long-sync"},
		"no limits":          {changed("-initLimit", "-syncLimit"), "0 error missing-key, 0 error missing-key"},
		"sessions":           {changed("+minSessionTimeout=9000", "+maxSessionTimeout=8000"), "16 error session-limits"},
		"max below 2 ticks":  {changed("+maxSessionTimeout=3000"), "15 error session-limits"},
		"min above 20 ticks": {changed("+minSessionTimeout=60000"), "15 error session-limits"},
		"short sessions":     {changed("+minSessionTimeout=1000"), "15 note short-session"},
		"no purge":           {changed("-autopurge.purgeInterval", "-autopurge.snapRetainCount"), "0 warning no-autopurge"},
		"half a purge":       {changed("-autopurge.purgeInterval"), "0 warning no-autopurge"},
		"purge off":          {changed("autopurge.purgeInterval=0"), "10 warning no-autopurge"},
		"few snapshots":      {changed("autopurge.snapRetainCount=1"), "11 warning few-snapshots"},
		"no limit":           {changed("+maxClientCnxns=0"), "15 note unlimited-clients"},
		"few connections":    {changed("+maxClientCnxns=1"), "15 warning few-clients"},

		"no client port":        {changed("-clientPort", "-clientPortAddress"), "9 note whitelist-all, 0 error missing-key"},
		"client port 0":         {changed("clientPort=0"), "7 error address-without-port, 0 error missing-key"},
		"address without port":  {changed("+secureClientPortAddress=1.2.3.4"), "15 error address-without-port"},
		"local clients":         {changed("server.3=10.0.0.3:2890:3890"), "7 warning local-clients, 12 warning mixed-loopback, 13 warning mixed-loopback"},
		"client port beside":    {changed("server.1=127.0.0.1:2888:3888;2181"), "12 warning client-address-conflict"},
		"admin by default":      {changed("-admin.enableServer"), "0 warning admin-port"},
		"admin open":            {changed("-admin.enableServer", "+admin.serverPort=8081"), "15 warning admin-open"},
		"admin local":           {changed("-admin.enableServer", "+admin.serverPort=8081", "+admin.serverAddress=127.0.0.1"), ""},
		"admin local on 8080":   {changed("-admin.enableServer", "+admin.serverAddress=127.0.0.1"), "15 warning admin-port"},
		"whitelist":             {changed("-4lw.commands.whitelist"), "0 note whitelist-default"},
		"whitelist, blanks":     {changed("4lw.commands.whitelist=stat ruok"), "9 warning whitelist-word"},
		"whitelist, for all":    {changed("-clientPortAddress"), "9 note whitelist-all"},
		"no access control":     {changed("+skipACL=yes"), "15 warning skip-acl"},
		"no sync":               {changed("+forceSync=no"), "15 warning no-fsync"},
		"trust":                 {changed("+snapshot.trust.empty=true"), "15 warning trust-empty"},
		"SASL off":              {changed("+quorum.auth.serverRequireSasl=true"), "15 error sasl-off"},
		"SASL, half":            {changed("+quorum.auth.enableSasl=true", "+quorum.auth.serverRequireSasl=true"), "16 error sasl-off"},
		"TLS without Netty":     {changed("+secureClientPort=2281"), "15 error tls-needs-netty, 15 warning tls-key-store, 15 warning tls-key-store"},
		"Prometheus":            {changed("+metricsProvider.className=org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider", "+metricsProvider.httpPort=7001"), "15 note metrics-provider"},
		"Prometheus, port":      {changed("+metricsProvider.className=org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider"), "15 note metrics-provider, 15 note metrics-port"},
		"unknown metrics":       {changed("+metricsProvider.className=x.Y"), "15 warning metrics-provider"},
		"metrics without class": {changed("+metricsProvider.httpPort=7001"), "15 warning metrics-provider"},

		"list beside dynamic":   {changed("+dynamicConfigFile=/etc/zoo.cfg.dynamic"), "12 error list-beside-dynamic, 13 error list-beside-dynamic, 14 error list-beside-dynamic"},
		"reconfig":              {changed("+reconfigEnabled=true"), "15 note reconfig-rewrites"},
		"bad line":              {changed("server.2=127.0.0.1:2889"), "13 error bad-server"},
		"bad role":              {changed("server.2=127.0.0.1:2889:3889:king"), "13 error bad-server"},
		"bad id":                {changed("+server.x=127.0.0.1:2891:3891"), "15 error bad-server"},
		"id twice":              {changed("+server.01=127.0.0.1:2891:3891"), "15 error duplicate-id, 12 warning even-voters"},
		"id 0":                  {changed("+server.0=127.0.0.1:2891:3891:observer"), "15 warning id-range"},
		"id 255":                {changed("+server.255=127.0.0.1:2891:3891:observer", "+extendedTypesEnabled=true"), "15 error id-range"},
		"several addresses":     {changed("server.1=127.0.0.1:2888:3888|127.0.0.1:2988:3988"), "12 error multi-address"},
		"several, on":           {changed("server.1=127.0.0.1:2888:3888|127.0.0.1:2988:3988", "+multiAddress.enabled=true"), "12 warning multi-address"},
		"secure in the list":    {changed("-clientPort", "-clientPortAddress", "server.1=127.0.0.1:2888:3888;2181;2281", "server.2=127.0.0.1:2889:3889;2182", "server.3=127.0.0.1:2890:3890;2183"), "9 note whitelist-all, 12 warning secure-in-list"},
		"no host":               {changed("server.1=:2888:3888"), "12 error no-host"},
		"wildcard":              {changed("server.1=0.0.0.0:2888:3888"), "12 warning wildcard-host"},
		"port 0":                {changed("server.1=127.0.0.1:0:3888"), "12 error bad-port"},
		"ports twice":           {changed("server.2=127.0.0.1:2888:3889"), "13 error port-twice"},
		"localhost is loopback": {changed("server.2=localhost:2888:3889"), "13 error port-twice"},
		"quorum and election":   {changed("server.2=127.0.0.1:2889:2889"), "13 error bad-server"},
		"client port of peer":   {changed("clientPort=2888"), "6 error port-twice"},
		"ephemeral":             {changed("server.2=127.0.0.1:2889:40000"), "13 warning port-ephemeral"},
		"privileged":            {changed("clientPort=80"), "6 warning port-privileged"},

		"two":                 {changed("-server.3"), "12 warning two-voters"},
		"four":                {changed("+server.4=127.0.0.1:2891:3891"), "12 warning even-voters"},
		"one":                 {changed("-server.3", "-server.2"), "12 warning single-server"},
		"one, on purpose":     {changed("-server.3", "-server.2", "+standaloneEnabled=false"), ""},
		"observers alone":     {changed("-server.3", "-server.2", "server.1=127.0.0.1:2888:3888:observer"), "12 error no-voters"},
		"one and an observer": {changed("-server.3", "server.2=127.0.0.1:2889:3889:observer"), "12 error observers-without-quorum"},
		"nobody":              {changed("-server.3", "-server.2", "-server.1", "+standaloneEnabled=false"), "15 error no-voters"},
		"standalone":          {changed("-server.3", "-server.2", "-server.1"), ""},
		"groups":              {changed("+group.1=1:2:3"), ""},
		"not in a group":      {changed("+group.1=1:2"), "14 error not-in-group"},
		"weights alone":       {changed("+weight.1=1"), "12 error not-in-group, 13 error not-in-group, 14 error not-in-group"},
		"two groups":          {changed("+group.1=1:2", "+group.2=2:3"), "16 error bad-group"},
		"strangers":           {changed("+group.1=1:2:3:4", "+weight.9=1"), "15 error group-stranger, 16 warning group-stranger"},
		"observer in a group": {changed("+group.1=1:2:3:4", "+server.4=127.0.0.1:2891:3891:observer"), "15 error group-stranger"},
		"version":             {changed("+version=x"), "15 error bad-number"},
		"even groups":         {changed("+group.1=1:2", "+group.2=3", "+weight.3=0"), "12 note even-groups, 16 note empty-group"},
		"group":               {changed("+group.1=1,2"), "15 error bad-group"},

		"peerType":           {changed("+peerType=king"), "15 error bad-role"},
		"peerType observer":  {changed("+peerType=observer"), "15 warning observer-votes"},
		"observer it may be": {changed("+peerType=observer", "+server.4=127.0.0.1:2891:3891:observer"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			found := zoocfg.Lint(parse(t, at.text), linux)
			if got := linted(found); !sameFindings(got, at.want) {
				t.Errorf("\n got %s\nwant %s\n%s", got, at.want, at.text)
			}
			for _, f := range found {
				if f.What == "" || f.Mend == "" || f.Effect == "" || strings.HasSuffix(f.What+f.Effect, ".") || f.File != "zoo.cfg" {
					t.Errorf("%+v", f)
				}
			}
		})
	}
}

// sameFindings compares lists of findings, in any order.
func sameFindings(a, b string) bool {
	count := map[string]int{}
	for _, f := range strings.Split(a, ", ") {
		count[f]++
	}
	for _, f := range strings.Split(b, ", ") {
		count[f]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}
