// What an operator configures: load balancer -> listener -> backend group -> server (GEN-01..03).
//
// Plain values, owned by whoever holds the LoadBalancer. Objects refer to each other by name, as
// in a scenario file; validate() says what does not fit. Fields of areas whose behaviour comes
// later (cookies, layer 7) are laid out here so that a configuration keeps its
// shape; validate() refuses them until the behaviour exists, so that nothing is silently ignored.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/config/port_range.hpp"
#include "models/config/profile.hpp"
#include "models/net/address.hpp"
#include "models/time/instant.hpp"

namespace elblab::config {

enum class ListenerProtocol : std::uint8_t { tcp, udp, http, https, tls };  // PRT-05..10
enum class BackendProtocol : std::uint8_t { tcp, udp, http, https, grpc, quic, tls };
enum class Algorithm : std::uint8_t {  // SCH-01, SCH-02
  weighted_round_robin,
  weighted_least_connections,
  source_ip_hash,
  connection_id,
};
enum class StickinessType : std::uint8_t { source_ip, load_balancer_cookie, application_cookie };
// Whose a table is that outlives a decision: of all nodes of the balancer, or of each node on its
// own (GEN-04).
enum class TableScope : std::uint8_t { shared, per_node };
enum class ProbeProtocol : std::uint8_t { tcp, http, https, udp };

struct Server {
  std::string name;
  net::IpAddress address;
  std::uint16_t port = 0;      // PRT-01
  std::uint8_t weight = 1;     // 0..100, SCH-08
  bool by_ip_address = false;  // IP as a Backend, IPB-01
  std::uint16_t place = 0;     // the zone or site that it is in, by number
  bool member = true;          // false: an operation of the run adds it, or has removed it
};

enum class HttpVersion : std::uint8_t { http_1_0, http_1_1 };

struct HealthCheck {  // HC-01..09; absent on a group = off (HC-16)
  // What the nodes think of the servers when the run begins: the group has been in service for a
  // while, or it is just being associated (HC-10). Of servers that come later they know nothing.
  enum class AtStart : std::uint8_t { healthy, unknown };

  ProbeProtocol protocol = ProbeProtocol::tcp;
  Duration interval = std::chrono::seconds(5);  // OPEN-05
  Duration timeout = std::chrono::seconds(3);
  unsigned retries = 3;
  std::optional<std::uint16_t> port;
  std::string path;
  std::string domain_name;
  HttpVersion http_version = HttpVersion::http_1_0;  // of the request; not given by the sources [M]
  AtStart at_start = AtStart::healthy;
};

// What becomes of new connections when no server of a group is healthy (OPEN-13).
enum class NoHealthyServer : std::uint8_t {
  refuse,   // RST to TCP clients; datagrams are dropped
  drop,     // silence for both
  forward,  // to servers as if all of them were healthy ("fail open"); the service lacks it [M]
};
// What becomes of open connections of a server that is found unhealthy (OPEN-14).
enum class UnhealthyConnections : std::uint8_t { keep, cut };
// Where probes come from, besides the block of the profile (HC-20).
enum class ProbeSource : std::uint8_t {
  own,          // addresses of their own
  source_pool,  // of each LVS node, the first fullNAT source address: servers cannot tell them
};

// Sticky sessions (STK-01..24). Of layer 4: a client's address is bound to the server of its first
// connection, and later ones go there as long as the binding holds.
struct Stickiness {
  // What its time is counted from (OPEN-08): the client's last new connection, or the first one.
  enum class Timer : std::uint8_t { sliding, fixed };
  // Of the bindings. With one for each node a client whose connections meet several nodes is bound
  // at each of them.
  using Table = TableScope;
  // What the end of a binding's time means for connections that are open (CON-04).
  enum class AtEnd : std::uint8_t { reschedule, cut };

  StickinessType type = StickinessType::source_ip;
  std::optional<std::chrono::minutes> duration;  // nullopt: the profile's default
  Timer timer = Timer::sliding;
  Table table = Table::shared;
  AtEnd at_end = AtEnd::reschedule;
  std::uint32_t capacity = 1u << 20;  // clients of each table; the oldest binding makes room
  std::string cookie_name;
  friend bool operator==(const Stickiness&, const Stickiness&) = default;
};

// How the source hash finds a server for a slot of its table (CON-27), and what addresses and
// servers are hashed with: the same on every node, or a client would change its server with its
// node.
struct SourceHash {
  enum class Kind : std::uint8_t { consistent, table } kind = Kind::consistent;
  std::uint64_t seed = 0;
  friend bool operator==(const SourceHash&, const SourceHash&) = default;
};

// The connection IDs of a QUIC group (SCH-02, STK-22). The sources give the name of the algorithm
// only: length, number and whose they are, are knobs [M].
struct ConnectionIds {
  // With one for each node a client that ECMP leads to another one, because its address changed, is
  // not known there.
  using Table = TableScope;

  std::uint8_t length = 8;            // of those that servers give out, in bytes: 0..20
  std::uint32_t capacity = 1u << 16;  // IDs of each table; see scheduling::ConnectionIdTable
  Table table = Table::shared;
  friend bool operator==(const ConnectionIds&, const ConnectionIds&) = default;
};

struct BackendGroup {
  std::string name;
  BackendProtocol protocol = BackendProtocol::tcp;
  Algorithm algorithm = Algorithm::weighted_round_robin;
  // With source_ip_hash, and connection_id for what carries no known ID; nullopt: its defaults.
  std::optional<SourceHash> source_hash;
  std::optional<ConnectionIds> connection_ids;  // with connection_id; nullopt: the defaults
  std::vector<Server> servers;
  std::optional<HealthCheck> health_check;
  NoHealthyServer no_healthy_server = NoHealthyServer::refuse;
  UnhealthyConnections unhealthy_connections = UnhealthyConnections::keep;
  std::optional<Stickiness> stickiness;
  bool stickiness_switches = false;              // an operation of the run sets or removes it
  bool health_check_switches = false;            // likewise
  std::optional<Duration> deregistration_delay;  // LIFE-10..14, OPEN-03
};

struct AccessControl {  // of a listener: ACL-02, ACL-04
  enum class Kind : std::uint8_t { whitelist, blacklist } kind = Kind::whitelist;
  std::vector<net::Subnet> entries;
};

// Which port of a server a listener's connections go to (FTC-04, CON-12).
enum class ServerPort : std::uint8_t {
  own,        // the one that the group gives the server
  listening,  // the one that the client chose, of a listener with a range of ports
};

struct Listener {
  std::string name;
  ListenerProtocol protocol = ListenerProtocol::tcp;
  PortRange port;
  ServerPort server_port = ServerPort::own;
  std::string group;                         // name of the default backend group
  std::optional<bool> transfer_client_ip;    // nullopt: the profile's default (SRC-02..04)
  std::optional<Duration> idle_timeout;      // keepalive_timeout; nullopt: default (TO-01..06)
  std::optional<Duration> request_timeout;   // client_timeout (TO-08)
  std::optional<Duration> response_timeout;  // member_timeout (TO-10)
  std::optional<AccessControl> access;
  bool transfer_switches = false;  // an operation of the run changes transfer_client_ip
};

struct NodeCounts {  // GEN-04, OPEN-09
  unsigned lvs = 2;
  unsigned nginx = 2;
};

// Source ports of fullNAT, per source address (BW-09, BW-10). The number of addresses and ports is
// not given by the sources: knobs.
struct SourcePool {
  unsigned addresses = 4;  // in total, split over the LVS nodes (ADR-03: 4 per AZ)
  PortRange ports{1024, 65535};
  unsigned skipped = 0;  // addresses of the block that other balancers have
};

// The bandwidth of the public address (EIP), which bounds each direction between clients and the
// virtual address on its own (BW-01, BW-03). Bytes are those of IP packets.
struct PublicAddress {
  double bits_per_second = 10e6;             // BW-12
  std::optional<std::uint64_t> burst_bytes;  // nullopt: what the bandwidth carries in 100 ms [M]
  std::optional<std::uint64_t> queue_bytes;  // nullopt: in 200 ms [M]
};

// How long the engine holds a TCP binding in each phase. Not given by the sources [M]; the idle
// timeout of an established binding is the listener's.
struct TcpPhaseTimeouts {
  Duration handshake = std::chrono::seconds(60);  // SYN seen, handshake incomplete
  Duration closing = std::chrono::seconds(30);    // one FIN seen (half-closed bindings idle out)
  Duration closed = std::chrono::seconds(2);      // both FINs acknowledged, or RST seen
};

// What routers in front of the nodes hash (ECMP).
enum class Steering : std::uint8_t { client, five_tuple };

// What a node does when a new flow would reach a server under the 5-tuple of another that lives on
// the same node (FTC-01). The service itself lacks the last one [M].
enum class ConflictPolicy : std::uint8_t {
  ignore,  // neither counted nor told
  detect,  // counted and told; the newest flow takes the return path (FTC-15)
  remap,   // the new flow gets a source port of its own at the client's address
};

struct LoadBalancer {
  std::string name = "balancer";
  // Where each node is; empty: all at place 0. Of servers see Server::place.
  std::vector<std::uint16_t> node_places;
  bool cross_zone = true;  // false: a node chooses among servers of its own place
  Steering steering = Steering::client;
  ConflictPolicy conflict = ConflictPolicy::detect;
  const Profile* profile = nullptr;          // never null after load; points into profiles()
  net::IpAddress address;                    // the virtual address (ADR-02)
  std::optional<net::IpAddress> address_v6;  // ADR-07
  // false: neither a private address nor an EIP is bound. What is sent to the address finds nobody,
  // and no probe of a health check can be sent (HC-19).
  bool address_bound = true;
  // For arrears, or by public security: no distribution, no probes, no metrics; the last verdicts
  // stay displayed (LIFE-27, MET-39).
  bool frozen = false;
  net::Subnet backend_subnet;                // ADR-01
  bool ip_as_backend = false;                // FWD-11: reverts to fullNAT
  NodeCounts nodes;
  SourcePool source_pool;
  ProbeSource probe_source = ProbeSource::own;
  unsigned probes_skipped = 0;  // addresses of the block above those of its probes, if others' are
  // Whether network ACLs and security groups hold for layer-4 traffic that keeps the client's
  // address (CON-11). nullopt: the profile's.
  std::optional<RuleEnforcement> transfer_rules;
  std::optional<PublicAddress> eip;  // nullopt: the virtual address is private, without a limit
  std::optional<Duration> propagation_delay;  // of operations; nullopt: the profile's
  TcpPhaseTimeouts tcp_timeouts;
  Duration udp_idle_timeout = std::chrono::seconds(300);  // OPEN-06
  std::uint32_t connection_limit = 1u << 21;  // capacity of each node's connection table
  std::vector<Listener> listeners;
  std::vector<BackendGroup> groups;

  const BackendGroup* find_group(const std::string& group_name) const;
};

// A server would have to listen on each of them [M].
inline constexpr std::uint32_t kMostServerPorts = 1000;
// The ports of a server that connections of a listener go to.
std::vector<std::uint16_t> server_ports(const Listener& listener, const Server& server);
// Effective settings: the object's own value, else the profile's default, after FWD-11.
bool transfers_client_ip(const LoadBalancer& balancer, const Listener& listener);
Duration effective_idle_timeout(const LoadBalancer& balancer, const Listener& listener);
// Whether it has sticky sessions at some time of the run.
bool may_stick(const BackendGroup& group);
// Of layer 4: its own, else the profile's (STK-10..13).
Duration effective_duration(const LoadBalancer& balancer, const Stickiness& stickiness);
// From an operation until the nodes act on it (LIFE-01).
Duration effective_propagation_delay(const LoadBalancer& balancer);
// Whether network ACLs and security groups leave alone what keeps the client's address (ACL-30,
// ACL-31, ACL-32). Of fullNAT they never do.
bool transfer_bypasses_rules(const LoadBalancer& balancer);
// In bytes; at least a few packets of an Ethernet frame's size.
std::uint64_t effective_burst(const PublicAddress& eip);
std::uint64_t effective_queue(const PublicAddress& eip);
// The block that fullNAT and probe sources come from (FWD-05, FWD-06, HC-20).
net::Subnet effective_source_block(const LoadBalancer& balancer);
// The fullNAT source addresses, source_pool.addresses of them, counted down from the upper end of
// the block past those that other balancers have: its lower end is where gateways and servers
// usually sit (ADR-12). Fewer when the block is too small (validate() refuses that), none when no
// block is given.
std::vector<net::IpAddress> source_addresses(const LoadBalancer& balancer);
// The part of them that LVS node `node` owns: equal consecutive shares, so that an answer finds
// its node by its destination.
std::vector<net::IpAddress> source_addresses_of_node(const LoadBalancer& balancer, unsigned node);

// Spellings of the scenario language.
std::string_view to_string(ListenerProtocol protocol);
std::string_view to_string(BackendProtocol protocol);
std::string_view to_string(Algorithm algorithm);
std::string_view to_string(ProbeProtocol protocol);
std::string_view to_string(StickinessType type);

}  // namespace elblab::config
