package demo

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"zkdeck/zkview/sandbox"
)

const (
	solrLive     = "/solr/live_nodes"
	solrOverseer = "/solr/overseer_elect/leader"
	solrNodes    = 3
)

// overseer is Solr's LeaderElector: names of session, node and sequence number, the
// first is the overseer and says so in an ephemeral znode beside the queue.
var overseer = lock{
	dir:     "/solr/overseer_elect/election",
	pattern: regexp.MustCompile(`^-?\d+-.+-n_(\d{10})$`),
}

var solrCollections = []string{"articles", "products"}

// fillSolr makes a small SolrCloud 9.
func fillSolr(b *builder) {
	b.dirs("/solr", solrLive, "/solr/collections", "/solr/configs", "/solr/configs/_default", "/solr/configs/_default/lang",
		"/solr/overseer", "/solr/overseer/queue", "/solr/overseer/queue-work", "/solr/overseer/collection-queue-work",
		"/solr/overseer/async_ids", "/solr/overseer_elect", overseer.dir)
	b.text("/solr/clusterprops.json", `{"urlScheme":"http"}`)
	b.text("/solr/security.json", "{}")
	b.text("/solr/aliases.json", `{"collection":{"shop":"products"}}`)
	for _, c := range solrCollections {
		path := "/solr/collections/" + c
		b.text(path, `{"configName":"_default"}`)
		b.text(path+"/state.json", solrState(c, nil))
		b.dirs(path + "/terms")
		b.text(path+"/terms/shard1", `{"core_node2":4,"core_node3":4,"core_node4":4}`)
	}
	b.text("/solr/configs/_default/solrconfig.xml", solrConfig)
	b.text("/solr/configs/_default/managed-schema.xml", solrSchema)
	b.text("/solr/configs/_default/protwords.txt", "# words that no stemmer touches\n")
	b.text("/solr/configs/_default/stopwords.txt", "a\nan\nand\nare\nas\nat\nbe\n")
	b.text("/solr/configs/_default/synonyms.txt", "# one rule a line\nGB,gib,gigabyte,gigabytes\nTelevision, Televisions, TV, TVs\n")
	b.text("/solr/configs/_default/lang/stopwords_de.txt", "aber\nalle\nallem\nallen\naller\nalles\nals\nalso\nam\nan\n")
	b.text("/solr/configs/_default/lang/stopwords_el.txt", "ο\nη\nτο\nοι\nτα\nτου\nτησ\nτων\n")
	b.text("/solr/configs/_default/lang/stopwords_en.txt", "a\nan\nand\nare\nas\nat\nbe\nbut\nby\n")
}

func solrNode(i int) string { return fmt.Sprintf("10.40.0.%d:8983_solr", i) }

// solrState is the state.json of a collection with these live nodes.
func solrState(collection string, live []string) string {
	var replicas []string
	leader := ""
	for i := 1; i <= solrNodes; i++ {
		node, state, lead := solrNode(i), "down", ""
		if slices.Contains(live, node) {
			state = "active"
			if leader == "" {
				leader, lead = node, `,
            "leader":"true"`
			}
		}
		replicas = append(replicas, fmt.Sprintf(`
          "core_node%d":{
            "core":"%s_shard1_replica_n%d",
            "node_name":"%s",
            "type":"NRT",
            "state":"%s"%s}`, i+1, collection, i, node, state, lead))
	}
	return fmt.Sprintf(`{"%s":{
    "replicationFactor":"%d",
    "router":{"name":"compositeId"},
    "shards":{"shard1":{
        "range":"80000000-7fffffff",
        "state":"active",
        "replicas":{%s}}}}}
`, collection, solrNodes, strings.Join(replicas, ","))
}

// solrCast are the nodes; each restarts now and then.
func solrCast() []part {
	var all []part
	for i := 1; i <= solrNodes; i++ {
		all = append(all, part{
			host: fmt.Sprintf("solr-%d", i), ip: fmt.Sprintf("10.40.0.%d", i),
			enters: span{float64(i-1) / 2, float64(i) / 2}, rests: span{10, 20},
			work: func(v *visit) error { return solr(v, solrNode(i)) },
		})
	}
	return all
}

// solr is a node: live, and in the queue for the overseer's work.
func solr(v *visit, node string) error {
	if _, err := v.put(solrLive+"/"+node, nil, sandbox.Ephemeral, sandbox.Persistent); err != nil {
		return err
	}
	id := fmt.Sprintf("%d-%s-n_", v.client.Session(), node)
	place, err := overseer.join(v, id, nil)
	if err != nil {
		return err
	}
	first, err := overseer.await(v, place, v.within(span{600, 1200}))
	if err != nil || !first {
		return err // a node that lost its place begins anew
	}
	name := place[len(overseer.dir)+1:]
	if _, err := v.put(solrOverseer, fmt.Appendf(nil, `{"id":"%s"}`, name), sandbox.Ephemeral, sandbox.Persistent); err != nil {
		return err
	}
	v.life.options.claims(overseer.dir, place, true)
	_, err = v.during(v.within(span{300, 800}), hold{path: place, every: 3, do: func() error { return oversee(v) }})
	v.life.options.claims(overseer.dir, place, false)
	return err
}

// oversee writes into the collections which nodes are there, one at a time.
func oversee(v *visit) error {
	live, err := v.Children(solrLive, nil)
	if err != nil {
		return passing(err)
	}
	for _, c := range solrCollections {
		path := "/solr/collections/" + c + "/state.json"
		data, st, err := v.Get(path, nil)
		if err != nil {
			if passing(err) != nil {
				return err
			}
			continue
		}
		if want := solrState(c, live); want != string(data) {
			err := v.Set(path, []byte(want), st.Version)
			return passing(err)
		}
	}
	return nil
}

const solrConfig = `<?xml version="1.0" encoding="UTF-8" ?>
<!-- what every collection starts from -->
<config>
  <luceneMatchVersion>9.4</luceneMatchVersion>
  <dataDir>${solr.data.dir:}</dataDir>
  <updateHandler class="solr.DirectUpdateHandler2">
    <updateLog><str name="dir">${solr.ulog.dir:}</str></updateLog>
    <autoCommit>
      <maxTime>${solr.autoCommit.maxTime:15000}</maxTime>
      <openSearcher>false</openSearcher>
    </autoCommit>
  </updateHandler>
  <requestHandler name="/select" class="solr.SearchHandler">
    <lst name="defaults"><str name="echoParams">explicit</str><int name="rows">10</int></lst>
  </requestHandler>
</config>
`

const solrSchema = `<?xml version="1.0" encoding="UTF-8"?>
<schema name="default-config" version="1.6">
  <field name="id" type="string" indexed="true" stored="true" required="true" multiValued="false"/>
  <field name="title" type="text_general" indexed="true" stored="true"/>
  <field name="price" type="pdouble" indexed="true" stored="true"/>
  <dynamicField name="*_txt" type="text_general" indexed="true" stored="true"/>
  <uniqueKey>id</uniqueKey>
  <fieldType name="string" class="solr.StrField" sortMissingLast="true" docValues="true"/>
</schema>
`
