package zkview

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"zkdeck/internal/safetext"
)

// defaultAdminPort is admin.serverPort where nobody has set it.
const defaultAdminPort = 8080

// adminLimit is how much of an answer is read.
const adminLimit = 16 << 20

// adminWords are the words that the AdminServer has under other names (Commands).
var adminWords = map[string]string{"cons": "connections", "dump": "dump", "wchp": "watches_by_path"}

// adminServer is an AdminServer that is being asked.
type adminServer struct {
	client *http.Client
	base   string
}

// askAdmin asks the AdminServer what the whitelist refused.
func (a *asking) askAdmin(ctx context.Context, port int) {
	var left []*CensusError
	var admin *adminServer
	var none error // why there is no AdminServer
	for _, e := range a.answer.Errs {
		if command := adminWords[e.Word]; command != "" && errors.Is(e.Err, ErrNotWhitelisted) {
			if admin == nil && none == nil {
				admin, none = a.findAdmin(ctx, port)
			}
			if e.Admin = none; none == nil {
				e.Admin = a.fromAdmin(ctx, admin, e.Word, command)
			}
			if e.Admin == nil {
				continue
			}
			a.s.log.Debug("census: AdminServer", "server", a.answer.Address, "word", e.Word, "err", e.Admin)
		}
		left = append(left, e)
	}
	a.answer.Errs = left
	if admin != nil {
		admin.client.CloseIdleConnections()
	}
}

// findAdmin looks for the AdminServer beside the server. Several servers on one machine
// cannot all have the same port, so it must say that it belongs to this one.
func (a *asking) findAdmin(ctx context.Context, port int) (*adminServer, error) {
	if port == 0 {
		port = defaultAdminPort
	}
	host, clientPort, err := net.SplitHostPort(a.address)
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		DialContext:           (&net.Dialer{Timeout: a.s.tune.censusSilence}).DialContext,
		TLSHandshakeTimeout:   a.s.tune.censusSilence,
		ResponseHeaderTimeout: a.s.tune.censusSilence,
		MaxIdleConns:          1,
		IdleConnTimeout:       time.Second,
		// No Proxy: what is asked is beside the server.
	}
	client := &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	schemes := []string{"http"}
	if a.s.cfg.TLS != nil {
		transport.TLSClientConfig = a.s.cfg.TLS.Clone()
		if transport.TLSClientConfig.ServerName == "" {
			transport.TLSClientConfig.ServerName = a.s.hosts.hostOf(a.address)
		}
		schemes = append(schemes, "https")
	}
	for _, scheme := range schemes {
		admin := &adminServer{client, scheme + "://" + net.JoinHostPort(host, strconv.Itoa(port)) + "/commands/"}
		if err = admin.belongsTo(ctx, clientPort); err == nil {
			return admin, nil
		}
	}
	client.CloseIdleConnections()
	return nil, err
}

// belongsTo checks that the AdminServer is that of the server with the port.
func (s *adminServer) belongsTo(ctx context.Context, port string) error {
	var conf struct {
		ClientPort       int `json:"client_port"`
		SecureClientPort int `json:"secure_client_port"` // since 3.9
	}
	if err := s.get(ctx, "configuration", &conf); err != nil {
		return err
	}
	if p := strconv.Itoa(conf.ClientPort); p != port && strconv.Itoa(conf.SecureClientPort) != port {
		return fmt.Errorf("%s belongs to the server with port %s", s.base, p)
	}
	return nil
}

// fromAdmin takes the answer to one word from the AdminServer.
func (a *asking) fromAdmin(ctx context.Context, admin *adminServer, word, command string) error {
	var v adminAnswer
	if err := admin.get(ctx, command, &v); err != nil {
		return err
	}
	switch word {
	case "cons":
		if v.Connections == nil {
			return ErrNotAnAnswer
		}
		a.answer.Connections = v.connections()
	case "dump":
		// A server that does not lead says that no session will ever end
		// (LearnerSessionTracker.getSessionExpiryMap).
		if v.Expiry == nil || a.answer.Mode != "leader" && a.answer.Mode != "standalone" {
			return ErrNotAnAnswer
		}
		a.answer.Sessions = map[int64]bool{}
		for _, sessions := range v.Expiry {
			for _, session := range sessions {
				a.answer.Sessions[session] = true
			}
		}
	case "wchp":
		if v.Watches == nil {
			return ErrNotAnAnswer
		}
		a.answer.Watches = map[string][]int64{}
		for path, sessions := range v.Watches {
			if path, ok := below(path, a.s.servers.Chroot); ok {
				a.answer.Watches[path] = sessions
			}
		}
	}
	return nil
}

// adminAnswer is what the commands that we ask say, each a part of it (Commands,
// JsonOutputter: names in snake case).
type adminAnswer struct {
	Connections       []adminConnection  `json:"connections"`
	SecureConnections []adminConnection  `json:"secure_connections"`
	Expiry            map[string][]int64 `json:"expiry_time_to_session_ids"`
	Watches           map[string][]int64 `json:"path_to_session_ids"`
}

// adminConnection is ServerCnxn.getConnectionInfo. Jackson prints an address as
// "127.0.0.1:4711".
type adminConnection struct {
	Address     string `json:"remote_socket_address"`
	Session     int64  `json:"session_id"`
	Established int64  `json:"established"`
}

func (v *adminAnswer) connections() map[int64]Connection {
	connections := map[int64]Connection{}
	for _, list := range [][]adminConnection{v.Connections, v.SecureConnections} {
		for _, c := range list {
			if address := cleanAddress(c.Address); c.Session != 0 && address != "" {
				put(connections, c.Session, Connection{address, millis(max(0, c.Established))})
			}
		}
	}
	return connections
}

// get asks one command and reads its JSON into v.
func (s *adminServer) get(ctx context.Context, command string, v any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+command, nil)
	if err != nil {
		return err
	}
	response, err := s.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s%s: %s", s.base, command, safetext.CleanLine(response.Status))
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, adminLimit+1))
	switch {
	case err != nil:
		return err
	case len(body) > adminLimit:
		return ErrAnswerCut
	}
	return readAdmin(body, v)
}

// readAdmin reads JSON of the AdminServer into v.
func readAdmin(body []byte, v any) error {
	var head struct {
		Error *string `json:"error"`
	}
	if err := json.Unmarshal(body, &head); err != nil {
		return fmt.Errorf("%w: %w", ErrNotAnAnswer, err)
	}
	if head.Error != nil && *head.Error != "" {
		return errors.New("the AdminServer says: " + safetext.CleanLine(*head.Error))
	}
	if err := json.Unmarshal(body, v); err != nil {
		return fmt.Errorf("%w: %w", ErrNotAnAnswer, err)
	}
	return nil
}
