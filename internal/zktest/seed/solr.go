package seed

import "fmt"

// solr is what a SolrCloud 9 keeps under its chroot.
func solr(b *builder) {
	b.dirs("/solr", "/solr/live_nodes", "/solr/collections", "/solr/configs", "/solr/aliases.json",
		"/solr/overseer", "/solr/overseer/queue", "/solr/overseer/queue-work", "/solr/overseer/collection-queue-work",
		"/solr/overseer/async_ids", "/solr/overseer_elect", "/solr/overseer_elect/election")
	b.text("/solr/clusterprops.json", `{"urlScheme":"http"}`)
	b.text("/solr/security.json", "{}")
	for i := 1; i <= 3; i++ {
		node := fmt.Sprintf("10.0.0.%d:8983_solr", i)
		b.eph("/solr/live_nodes/"+node, "")
		b.contender(fmt.Sprintf("/solr/overseer_elect/election/7205%d0000-%s-n_", i, node), "")
	}
	b.eph("/solr/overseer_elect/leader", `{"id":"720510000-10.0.0.1:8983_solr-n_0000000000"}`)
	for i := range 5 {
		b.add("/solr/overseer/queue/qn-", fmt.Appendf(nil, `{"operation":"state","core":"products_shard1_replica_n%d","state":"active"}`, i), 2, open)
	}
	for _, c := range []string{"products", "reviews"} {
		solrCollection(b, c)
	}
	b.dirs("/solr/configs/_default", "/solr/configs/_default/lang")
	b.text("/solr/configs/_default/solrconfig.xml", solrConfig)
	b.text("/solr/configs/_default/managed-schema.xml", solrSchema)
	b.text("/solr/configs/_default/synonyms.txt", "# one rule a line\nGB,gib,gigabyte,gigabytes\nTelevision, Televisions, TV, TVs\n")
	b.text("/solr/configs/_default/lang/stopwords_en.txt", "a\nan\nand\nare\nas\nat\nbe\nbut\nby\n")
	b.text("/solr/configs/_default/lang/stopwords_el.txt", "ο\nη\nτο\nοι\nτα\n")
}

func solrCollection(b *builder, name string) {
	path := "/solr/collections/" + name
	b.text(path, `{"configName":"_default"}`)
	b.dirs(path+"/leaders", path+"/leader_elect", path+"/terms")
	b.text(path+"/state.json", fmt.Sprintf(`{"%[1]s":{
    "pullReplicas":"0",
    "replicationFactor":"2",
    "router":{"name":"compositeId"},
    "shards":{"shard1":{
        "range":"80000000-7fffffff",
        "state":"active",
        "replicas":{
          "core_node3":{"core":"%[1]s_shard1_replica_n1","node_name":"10.0.0.1:8983_solr","type":"NRT","state":"active","leader":"true"},
          "core_node4":{"core":"%[1]s_shard1_replica_n2","node_name":"10.0.0.2:8983_solr","type":"NRT","state":"active"}}}}}}`, name))
	b.dirs(path+"/leaders/shard1", path+"/leader_elect/shard1", path+"/leader_elect/shard1/election")
	b.eph(path+"/leaders/shard1/leader", fmt.Sprintf(`{"core":"%[1]s_shard1_replica_n1","core_node_name":"core_node3","base_url":"http://10.0.0.1:8983/solr"}`, name))
	for i := 1; i <= 2; i++ {
		b.contender(fmt.Sprintf("%s/leader_elect/shard1/election/7205%d0000-core_node%d-n_", path, i, i+2), "")
	}
	b.text(path+"/terms/shard1", `{"core_node3":4,"core_node4":4}`)
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
  <field name="_version_" type="plong" indexed="false" stored="false"/>
  <dynamicField name="*_txt" type="text_general" indexed="true" stored="true"/>
  <uniqueKey>id</uniqueKey>
  <fieldType name="string" class="solr.StrField" sortMissingLast="true" docValues="true"/>
</schema>
`
