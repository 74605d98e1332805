package demo

import (
	"fmt"
	"strings"

	"zkdeck/zkview/sandbox"
)

// services are those that register themselves, as Curator's ServiceDiscovery does:
// an ephemeral znode for each instance, named by its id.
var services = []struct {
	name      string
	instances int
	port      int
}{{"checkout", 3, 8080}, {"inventory", 4, 8080}, {"mailer", 2, 8025}, {"payments", 3, 8443}, {"search", 6, 9200}}

// serviceCast are the instances. They go and come, as they are deployed and scaled.
func serviceCast() []part {
	var all []part
	for s, of := range services {
		for i := range of.instances {
			all = append(all, part{
				host: fmt.Sprintf("%s-%d", of.name, i+1), ip: fmt.Sprintf("10.20.%d.%d", s+1, 11+i),
				enters: span{0, 2}, rests: span{4, 15},
				work: func(v *visit) error { return serve(v, of.name, of.port) },
			})
		}
	}
	return all
}

// serve registers an instance for some minutes. Sometimes it is taken out of the
// rotation before it goes.
func serve(v *visit, name string, port int) error {
	id := uuid(v.rng)
	path := "/services/" + name + "/" + id
	data := instance(v, name, id, port)
	if _, err := v.put(path, []byte(data), sandbox.Ephemeral, sandbox.Container); err != nil {
		return err
	}
	there, err := v.during(v.within(span{120, 700}), hold{path: path})
	if err != nil || !there || !v.chance(40) {
		return err
	}
	if err := v.Set(path, []byte(strings.Replace(data, `"enabled":true`, `"enabled":false`, 1)), -1); err != nil {
		return passing(err)
	}
	_, err = v.during(v.within(span{5, 10}), hold{path: path})
	return err
}

// instance is the value as Curator's JsonInstanceSerializer writes a
// ServiceInstance.
func instance(v *visit, name, id string, port int) string {
	zone := 'a' + rune(v.rng.IntN(3))
	return fmt.Sprintf(`{"name":"%s","id":"%s","address":"%s","port":%d,"sslPort":null,"payload":{"@class":"com.example.Instance","zone":"eu-1%c","version":"2.%d.%d"},"registrationTimeUTC":%s,"serviceType":"DYNAMIC","uriSpec":{"parts":[{"value":"scheme","variable":true},{"value":"://","variable":false},{"value":"address","variable":true},{"value":":","variable":false},{"value":"port","variable":true}]},"enabled":true}`,
		name, id, v.ip, port, zone, v.rng.IntN(4)+10, v.rng.IntN(9), millis())
}
