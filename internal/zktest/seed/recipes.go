package seed

import "fmt"

// recipes are locks and elections with holders and waiters, as the libraries in
// the field name them.
func recipes(b *builder) {
	b.dirs("/curator", "/curator/locks", "/curator/locks/nightly", "/curator/locks/reports",
		"/curator/leader", "/curator/leader/billing", "/curator/semaphores", "/curator/semaphores/db",
		"/curator/semaphores/db/locks", "/curator/semaphores/db/leases", "/curator/barrier")
	for i := 1; i <= 4; i++ {
		b.contender(fmt.Sprintf("/curator/locks/nightly/_c_%s-lock-", uuid(i)), fmt.Sprintf("10.0.0.%d", i))
		b.contender(fmt.Sprintf("/curator/leader/billing/_c_%s-latch-", uuid(10+i)), fmt.Sprintf("billing-%d", i))
		b.contender(fmt.Sprintf("/curator/semaphores/db/leases/_c_%s-lease-", uuid(20+i)), fmt.Sprintf("10.0.0.%d", i))
	}
	b.contender(fmt.Sprintf("/curator/locks/reports/_c_%s-__READ__", uuid(31)), "10.0.0.7")
	b.contender(fmt.Sprintf("/curator/locks/reports/_c_%s-__READ__", uuid(32)), "10.0.0.8")
	b.contender(fmt.Sprintf("/curator/locks/reports/_c_%s-__WRIT__", uuid(33)), "10.0.0.9")

	b.dirs("/kazoo", "/kazoo/jobs", "/kazoo/election")
	for i := 1; i <= 3; i++ {
		b.contender(fmt.Sprintf("/kazoo/jobs/%032x__lock__", 0xab54a98c*i), fmt.Sprintf("worker-%d", i))
		b.contender(fmt.Sprintf("/kazoo/election/%032x__lock__", 0x1f3d5b79*i), fmt.Sprintf("candidate-%d", i))
	}

	b.dirs("/go-zookeeper", "/go-zookeeper/deploy", "/uk", "/uk/lock")
	for i := 1; i <= 2; i++ {
		b.contender(fmt.Sprintf("/go-zookeeper/deploy/_c_%032x-lock-", 0x77aa77aa*i), "")
		b.contender("/uk/lock/", fmt.Sprintf("10.0.0.%d:51234", i))
	}
	b.dirs("/app")
	b.eph("/app/leader", "app-2@10.0.0.2")
}

// services is service discovery: Curator's JSON and Dubbo's URLs for names.
func services(b *builder) {
	b.dirs("/services")
	for s, name := range []string{"checkout", "inventory", "mailer"} {
		b.dirs("/services/" + name)
		for i := 1; i <= 3; i++ {
			id := uuid(100 + 10*s + i)
			b.eph("/services/"+name+"/"+id, fmt.Sprintf(`{"name":"%s","id":"%s","address":"10.0.1.%d","port":8080,"sslPort":null,"payload":{"@class":"com.example.Instance","zone":"eu-1","weight":%d},"registrationTimeUTC":1759147201337,"serviceType":"DYNAMIC","uriSpec":null,"enabled":true}`, name, id, i, 10*i))
		}
	}
	const service = "com.example.orders.OrderService"
	b.dirs("/dubbo", "/dubbo/"+service)
	for _, kind := range []string{"providers", "consumers", "configurators", "routers"} {
		b.dirs("/dubbo/" + service + "/" + kind)
	}
	for i := 1; i <= 2; i++ {
		b.eph(fmt.Sprintf("/dubbo/%s/providers/dubbo%%3A%%2F%%2F10.0.2.%d%%3A20880%%2F%s%%3Fanyhost%%3Dtrue%%26application%%3Dorders%%26methods%%3Dcreate%%2Ccancel%%2Clist%%26pid%%3D4711%%26side%%3Dprovider%%26timestamp%%3D1759147201337", service, i, service), "10.0.2.1")
	}
}

// uuid is a fixed name that looks random.
func uuid(i int) string {
	n := uint64(i) * 0x9e3779b97f4a7c15
	return fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", n>>32, n>>16&0xffff, n>>4&0xfff, n&0xfff, n>>3&0xffffffffffff)
}
