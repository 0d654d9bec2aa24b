// Tables of the balancer: listeners, groups, servers, probes.
#include <limits>

#include "scenarios/language/address_codec.hpp"
#include "scenarios/language/sections.hpp"

namespace elblab::language {
namespace {

using std::chrono::hours;

Codec<Duration> timer() { return duration(std::chrono::milliseconds(1), hours(24 * 7)); }

Codec<std::chrono::minutes> whole_minutes() {
  return scalar_codec<std::chrono::minutes>(
      {"duration in whole minutes", duration().type.schema},
      [](std::string_view text) -> Expected<std::chrono::minutes> {
        const Expected<Duration> parsed = parse_duration(text);
        if (!parsed) return parsed.error();
        const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(*parsed);
        if (minutes != *parsed) {
          return Error{fmt::format("'{}' is not a whole number of minutes", text)};
        }
        return minutes;
      },
      [](const std::chrono::minutes& value) { return format_duration(value); });
}

struct ServerTable : Section<ServerEntry> {
  ServerTable() : Section("server", "A host of a group; its name is that of a server host.") {
    fields();
  }

 protected:
  ServerTable(std::string name, std::string help) : Section(std::move(name), std::move(help)) {}
  void fields() {
    required("port", &ServerEntry::port, integer<std::uint16_t>(1, 65535), "port of the service");
    field("weight", &ServerEntry::weight, integer<std::uint8_t>(0, 100),
          "share of new connections");
    field("by_ip_address", &ServerEntry::by_ip_address, boolean(),
          "added by IP address instead of as a server of the same network (IP as a Backend)");
  }
};

struct AddressedServerTable : ServerTable {
  AddressedServerTable()
      : ServerTable("addressed server",
                    "A server of a balancer file, which has no hosts: it carries its address.") {
    required("address", &ServerEntry::address, address_list(),
             "its address; of b[1..4] a range or a list of four");
    fields();
  }
};

struct HealthCheckTable : Section<config::HealthCheck> {
  using H = config::HealthCheck;
  HealthCheckTable() : Section("health_check", "Probes of the servers of a group; absent: off.") {
    field("protocol", &H::protocol,
          choice<config::ProbeProtocol>({{"tcp", config::ProbeProtocol::tcp},
                                         {"http", config::ProbeProtocol::http},
                                         {"https", config::ProbeProtocol::https},
                                         {"udp", config::ProbeProtocol::udp}}),
          "how to probe");
    field("interval", &H::interval, timer(), "time between two probes");
    field("timeout", &H::timeout, timer(), "longest wait for an answer");
    field("retries", &H::retries, integer<unsigned>(1, 1000), "probes in a row that decide");
    field("port", &H::port, integer<std::uint16_t>(1, 65535), "port to probe").default_text =
        "the server's port";
    field("path", &H::path, text(), "http: path to ask for");
    field("domain_name", &H::domain_name, text(), "http: Host header");
    using V = config::HttpVersion;
    field("http_version", &H::http_version,
          choice<V>({{"HTTP/1.0", V::http_1_0}, {"HTTP/1.1", V::http_1_1}}),
          "http: version of the request");
    field("at_start", &H::at_start,
          choice<H::AtStart>({{"healthy", H::AtStart::healthy}, {"unknown", H::AtStart::unknown}}),
          "what is thought of the servers when the run begins: they have been probed for a while, "
          "or are just being associated, and get nothing until a probe passes (HC-10)");
  }
};

struct StickinessTable : Section<config::Stickiness> {
  using S = config::Stickiness;
  StickinessTable()
      : Section(
            "stickiness",
            "Sticky sessions: a client stays on the server of its first connection; absent: off.") {
    using T = config::StickinessType;
    field("type", &S::type,
          choice<T>({{"source_ip", T::source_ip},
                     {"load_balancer_cookie", T::load_balancer_cookie},
                     {"application_cookie", T::application_cookie}}),
          "what a session is recognised by; the cookies belong to HTTP listeners (STK-02)");
    field("duration", &S::duration, whole_minutes(), "how long a client stays bound (STK-10..13)")
        .default_text = "the profile's";
    field("timer", &S::timer,
          choice<S::Timer>({{"sliding", S::Timer::sliding}, {"fixed", S::Timer::fixed}}),
          "sliding: its time begins anew with each new connection of the client; fixed: it is "
          "counted "
          "from the first one (OPEN-08)");
    field("table", &S::table,
          choice<S::Table>({{"shared", S::Table::shared}, {"per_node", S::Table::per_node}}),
          "whether all LVS nodes know a client's server, or each its own (GEN-04)");
    field(
        "at_end", &S::at_end,
        choice<S::AtEnd>({{"reschedule", S::AtEnd::reschedule}, {"cut", S::AtEnd::cut}}),
        "when the time is up: the next new connection is scheduled anew, or open ones are cut too "
        "(CON-04)");
    field("capacity", &S::capacity, integer<std::uint32_t>(1, 1LL << 24),
          "clients that each table holds; then the oldest binding makes room");
    field("cookie_name", &S::cookie_name, text(), "application_cookie: its name");
  }
};

const Section<config::HealthCheck>& health_check_section() {
  static const HealthCheckTable table;
  return table;
}
const Section<config::Stickiness>& stickiness_section() {
  static const StickinessTable table;
  return table;
}

struct SourceHashTable : Section<config::SourceHash> {
  using S = config::SourceHash;
  SourceHashTable()
      : Section("source_hash", "source_ip_hash: how a client's address leads to a server.") {
    field("kind", &S::kind,
          choice<S::Kind>({{"consistent", S::Kind::consistent}, {"table", S::Kind::table}}),
          "consistent: when a server goes, hardly any client of the others moves; table: slots are "
          "numbered through the servers, and nearly all move");
    field("seed", &S::seed, integer<std::uint64_t>(0, std::numeric_limits<std::int64_t>::max()),
          "another one sends clients to other servers; the same on all nodes");
  }
};

const Section<config::SourceHash>& source_hash_section() {
  static const SourceHashTable table;
  return table;
}

struct ConnectionIdsTable : Section<config::ConnectionIds> {
  using C = config::ConnectionIds;
  ConnectionIdsTable()
      : Section("connection_ids",
                "connection_id: what the balancer knows of the servers' connection IDs.") {
    field("length", &C::length, integer<std::uint8_t>(0, 20),
          "bytes of the IDs that servers give out: others are not looked at; 0: all goes by the "
          "address");
    field(
        "capacity", &C::capacity, integer<std::uint32_t>(2, 1LL << 24),
        "IDs that each table holds, an eighth of them until a client uses them; then the one that "
        "was used longest ago makes room");
    field("table", &C::table,
          choice<C::Table>({{"shared", C::Table::shared}, {"per_node", C::Table::per_node}}),
          "whether all LVS nodes know an ID's server, or each its own (GEN-04)");
  }
};

const Section<config::ConnectionIds>& connection_ids_section() {
  static const ConnectionIdsTable table;
  return table;
}

struct GroupTable : Section<GroupEntry> {
  explicit GroupTable(const Section<ServerEntry>& servers)
      : Section("group", "A backend group: servers and how they are chosen.") {
    using P = config::BackendProtocol;
    using A = config::Algorithm;
    field("protocol", &GroupEntry::protocol,
          choice<P>({{"tcp", P::tcp},
                     {"udp", P::udp},
                     {"http", P::http},
                     {"https", P::https},
                     {"grpc", P::grpc},
                     {"quic", P::quic},
                     {"tls", P::tls}}),
          "protocol towards the servers")
        .default_text = "that of the listener";
    field("algorithm", &GroupEntry::algorithm,
          choice<A>({{"weighted_round_robin", A::weighted_round_robin},
                     {"weighted_least_connections", A::weighted_least_connections},
                     {"source_ip_hash", A::source_ip_hash},
                     {"connection_id", A::connection_id}}),
          "how a server is chosen; quic groups have connection_id and no other (SCH-02)")
        .default_text = "weighted_round_robin; of a quic group connection_id";
    field(
        "source_hash", &GroupEntry::source_hash, section(source_hash_section()),
        "settings of source_ip_hash, and of connection_id for what carries no known ID; absent: a "
        "consistent table");
    field("connection_ids", &GroupEntry::connection_ids, section(connection_ids_section()),
          "settings of connection_id; absent: its defaults");
    required("servers", &GroupEntry::servers, named(servers, &ServerEntry::name),
             "server hosts, each with its port");
    field("health_check", &GroupEntry::health_check, section(health_check_section()),
          "probes; absent: off");
    using N = config::NoHealthyServer;
    field(
        "no_healthy_server", &GroupEntry::no_healthy_server,
        choice<N>({{"refuse", N::refuse}, {"drop", N::drop}, {"forward", N::forward}}),
        "when no server is healthy: clients get RST, or nothing, or are sent to servers as if all "
        "were healthy (OPEN-13)");
    using U = config::UnhealthyConnections;
    field("unhealthy_connections", &GroupEntry::unhealthy_connections,
          choice<U>({{"keep", U::keep}, {"cut", U::cut}}),
          "what becomes of open connections of a server that is found unhealthy (OPEN-14)");
    field("stickiness", &GroupEntry::stickiness, section(stickiness_section()),
          "sticky sessions; absent: off");
    field(
        "deregistration_delay", &GroupEntry::deregistration_delay, timer(),
        "how long a server that is removed or gets weight 0 keeps its connections (LIFE-12); off: "
        "they are cut at once (LIFE-11)")
        .default_text = "off";
    refused("slow_start",
            "there is no slow start of servers: nothing that is known of the service tells of one, "
            "and a server that comes back gets its share of new connections at once; to raise it "
            "step by step, set its weight in the timeline");
  }
};

struct AccessTable : Section<config::AccessControl> {
  using A = config::AccessControl;
  AccessTable() : Section("access", "Which clients a listener serves; absent: all.") {
    field("kind", &A::kind,
          choice<A::Kind>({{"whitelist", A::Kind::whitelist}, {"blacklist", A::Kind::blacklist}}),
          "whether the entries are let in or kept out");
    required("entries", &A::entries, list_of(subnet()), "addresses and subnets");
  }
};

const Section<config::AccessControl>& access_section() {
  static const AccessTable table;
  return table;
}

struct ListenerTable : Section<config::Listener> {
  using L = config::Listener;
  ListenerTable()
      : Section("listener", "Where the balancer takes traffic and which group gets it.") {
    using P = config::ListenerProtocol;
    required("protocol", &L::protocol,
             choice<P>({{"tcp", P::tcp},
                        {"udp", P::udp},
                        {"http", P::http},
                        {"https", P::https},
                        {"tls", P::tls}}),
             "protocol of the listener");
    required("port", &L::port, port_range(), "port, or range of ports");
    using S = config::ServerPort;
    field("server_port", &L::server_port, choice<S>({{"own", S::own}, {"listening", S::listening}}),
          "where connections go at a server: to the port that the group gives it, or to the "
          "listening port that the client chose (a range)");
    required("group", &L::group, name(), "name of the backend group");
    field("transfer_client_ip", &L::transfer_client_ip, boolean(),
          "true: servers see the client's address (DNAT); false: one of the balancer's (fullNAT)")
        .default_text = "the profile's";
    field("idle_timeout", &L::idle_timeout, timer(), "an idle connection ends after this")
        .default_text = "the profile's";
    field("request_timeout", &L::request_timeout, timer(), "http: longest wait for a request")
        .default_text = "the profile's";
    field("response_timeout", &L::response_timeout, timer(), "http: longest wait for an answer")
        .default_text = "the profile's";
    field("access", &L::access, section(access_section()), "which clients it serves; absent: all");
  }
};

struct NodesTable : Section<config::NodeCounts> {
  NodesTable() : Section("nodes", "How many machines make up the balancer.") {
    field("lvs", &config::NodeCounts::lvs, integer<unsigned>(1, 64), "layer-4 nodes");
    field("nginx", &config::NodeCounts::nginx, integer<unsigned>(0, 64), "layer-7 nodes");
  }
};

struct SourcePoolTable : Section<config::SourcePool> {
  SourcePoolTable()
      : Section("source_pool", "Addresses and ports that fullNAT connections come from.") {
    field("addresses", &config::SourcePool::addresses, integer<unsigned>(1, 65536),
          "addresses in total, split over the LVS nodes");
    field("ports", &config::SourcePool::ports, port_range(), "ports of each address");
  }
};

struct PublicAddressTable : Section<config::PublicAddress> {
  using P = config::PublicAddress;
  PublicAddressTable()
      : Section(
            "eip",
            "The virtual address is public: its bandwidth bounds the traffic with clients, each "
            "direction on its own.") {
    required("bandwidth", &P::bits_per_second, bit_rate(), "bits per second in each direction");
    field("burst", &P::burst_bytes, size(1500, 100'000'000),
          "bytes that may pass above the bandwidth at once")
        .default_text = "what the bandwidth carries in 100 ms";
    field("queue", &P::queue_bytes, size(0, 100'000'000),
          "bytes that may wait for bandwidth, per direction; beyond them packets are dropped")
        .default_text = "what the bandwidth carries in 200 ms";
  }
};

struct TcpTimeoutsTable : Section<config::TcpPhaseTimeouts> {
  using T = config::TcpPhaseTimeouts;
  TcpTimeoutsTable()
      : Section("tcp_timeouts", "How long a node holds a TCP connection in each phase.") {
    field("handshake", &T::handshake, timer(), "SYN seen, handshake incomplete");
    field("closing", &T::closing, timer(), "one FIN seen");
    field("closed", &T::closed, timer(), "both FINs acknowledged, or RST seen");
  }
};

struct BalancerTable : Section<BalancerEntry> {
  using B = BalancerEntry;
  explicit BalancerTable(const Section<GroupEntry>& groups)
      : Section("balancer", "A load balancer: listener, group, server.") {
    field("profile", &B::profile, profile_name(), "which service: the defaults of this balancer")
        .default_text = "the scenario's";
    field("zones", &B::zones, names(), "zones that its LVS nodes are in, equal shares of them")
        .default_text = "none: between the zones";
    field(
        "cross_zone", [](auto& b) -> auto& { return b.values.cross_zone; }, boolean(),
        "false: a node chooses among the servers of its own zone only");
    field(
        "steering", [](auto& b) -> auto& { return b.values.steering; },
        choice<config::Steering>(
            {{"client", config::Steering::client}, {"five_tuple", config::Steering::five_tuple}}),
        "what of a packet decides which node gets it: the client's address and port, or these and "
        "the listener's");
    using C = config::ConflictPolicy;
    field(
        "conflict", [](auto& b) -> auto& { return b.values.conflict; },
        choice<C>({{"ignore", C::ignore}, {"detect", C::detect}, {"remap", C::remap}}),
        "of a flow whose server-side 5-tuple another one on the same node has: say nothing, tell, "
        "or "
        "give it a source port of its own");
    field(
        "address", [](auto& b) -> auto& { return b.values.address; }, address(), "virtual address");
    field(
        "address_v6", [](auto& b) -> auto& { return b.values.address_v6; }, address(),
        "virtual IPv6 address")
        .default_text = "none";
    field(
        "address_bound", [](auto& b) -> auto& { return b.values.address_bound; }, boolean(),
        "false: neither a private address nor an EIP is bound, so that nothing reaches the "
        "balancer "
        "and its health checks fail (HC-19)");
    field(
        "frozen", [](auto& b) -> auto& { return b.values.frozen; }, boolean(),
        "no distribution, no health checks, no metrics (LIFE-27)");
    field(
        "backend_subnet", [](auto& b) -> auto& { return b.values.backend_subnet; }, subnet(),
        "where the balancer has its own addresses");
    field(
        "nodes", [](auto& b) -> auto& { return b.values.nodes; },
        section<config::NodeCounts>(only<NodesTable>()), "how many machines");
    field(
        "source_pool", [](auto& b) -> auto& { return b.values.source_pool; },
        section<config::SourcePool>(only<SourcePoolTable>()), "sources of fullNAT");
    using S = config::ProbeSource;
    field(
        "probe_source", [](auto& b) -> auto& { return b.values.probe_source; },
        choice<S>({{"own", S::own}, {"source_pool", S::source_pool}}),
        "where health checks come from: addresses of their own in the block of the profile, or the "
        "fullNAT addresses of their node, with ports above those of source_pool (HC-20)");
    field(
        "eip", [](auto& b) -> auto& { return b.values.eip; },
        section<config::PublicAddress>(only<PublicAddressTable>()),
        "bandwidth of the public address; absent: the address is private, without a limit");
    field(
        "propagation_delay", [](auto& b) -> auto& { return b.values.propagation_delay; },
        duration(), "from an operator's change in the timeline until the nodes act on it (LIFE-01)")
        .default_text = "the profile's";
    field(
        "tcp_timeouts", [](auto& b) -> auto& { return b.values.tcp_timeouts; },
        section<config::TcpPhaseTimeouts>(only<TcpTimeoutsTable>()), "timers of TCP connections");
    field(
        "udp_idle_timeout", [](auto& b) -> auto& { return b.values.udp_idle_timeout; }, timer(),
        "a UDP flow without packets is forgotten after this");
    field(
        "connection_limit", [](auto& b) -> auto& { return b.values.connection_limit; },
        integer<std::uint32_t>(1, 1LL << 26), "connections that each node can hold");
    field(
        "ip_as_backend", [](auto& b) -> auto& { return b.values.ip_as_backend; }, boolean(),
        "IP as a Backend: servers by address; turns fullNAT on");
    using R = config::RuleEnforcement;
    field(
        "transfer_rules", [](auto& b) -> auto& { return b.values.transfer_rules; },
        choice<R>({{"enforced", R::enforced}, {"bypassed", R::bypassed}}),
        "whether network ACLs and security groups of servers hold for traffic that keeps the "
        "client's address (CON-11)")
        .default_text = "the profile's";
    required(
        "listeners", [](auto& b) -> auto& { return b.values.listeners; },
        named(listener_section(), &config::Listener::name), "listeners by name");
    required("groups", &B::groups, named(groups, &GroupEntry::name), "backend groups by name");
  }
};

}  // namespace

const Section<config::Listener>& listener_section() { return only<ListenerTable>(); }

const Section<ServerEntry>& addressed_server_section() { return only<AddressedServerTable>(); }

const Section<BalancerEntry>& balancer_section() {
  static const GroupTable groups(only<ServerTable>());
  static const BalancerTable table(groups);
  return table;
}

const Section<BalancerEntry>& addressed_balancer_section() {
  static const GroupTable groups(addressed_server_section());
  static const BalancerTable table(groups);
  return table;
}

}  // namespace elblab::language
