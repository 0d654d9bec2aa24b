// Tables of hosts, their links and services.
#include "scenarios/language/access_sections.hpp"
#include "scenarios/language/address_codec.hpp"
#include "scenarios/language/http_codecs.hpp"
#include "scenarios/language/sections.hpp"

namespace elblab::language {
namespace {

using std::chrono::hours;

struct LinkTable : Section<Link> {
  LinkTable() : Section("link", "The wire between a host and the network.") {
    field("kind", &Link::kind,
          choice<LinkKind>({{"point_to_point", LinkKind::point_to_point},
                            {"csma", LinkKind::csma},
                            {"pooled", LinkKind::pooled}}),
          "point_to_point: a wire; csma: an Ethernet segment with ARP; pooled: a wire without "
          "per-packet allocation, for volume");
    field("rate", &Link::rate_bits_per_second, bit_rate(), "bits per second in each direction");
    field("delay", &Link::delay, duration(Duration(0), hours(1)),
          "propagation time of one direction");
    field("jitter", &Link::jitter, duration(Duration(0), hours(1)),
          "each packet is delayed by a uniform share of this more, and may overtake another");
    field("loss", &Link::loss, share(), "probability that a packet is lost, in each direction");
    field("queue", &Link::queue_packets, integer<std::uint32_t>(1, 10'000'000),
          "packets that wait for the wire in each direction; more are dropped");
    field(
        "segment", [](auto& l) -> auto& { return l.segment; }, optional_name(),
        "csma only: hosts that name the same segment share it")
        .default_text = "a segment of its own";
    check([](const Node& node, Diagnostics& d, Link& link) {
      const Entry* segment = node.find("segment");
      if (segment && !link.segment.empty() && link.kind != LinkKind::csma) {
        d.error(segment->key_place, "only a link of kind csma has a segment");
      }
    });
  }
  // An empty text stands for "none" when the effective scenario is written.
  static Codec<std::string> optional_name() {
    Codec<std::string> codec = text();
    codec.type.text = "name";
    return codec;
  }
};

struct ServiceTable : Section<ServiceEntry> {
  using P = ServiceEntry;
  using D = workload::CpuTimeDistribution;
  ServiceTable() : Section("service", "How the service of a server host behaves, on every port.") {
    field("ports", &P::ports, list_of(integer<std::uint16_t>(1, 65535)),
          "the ports that it listens on, over the protocols of the groups that the host is in: "
          "what leads to another one meets a closed port")
        .default_text = "those that groups name";
    field("time", &P::service_time, duration(Duration(0), hours(1)),
          "from the whole request to the first byte of the answer");
    field(
        "cpus", [](auto& s) -> auto& { return s.cpu.cpus; }, integer<std::uint32_t>(1, 1024),
        "CPUs that all services of the host share; without a cpu_time they are never short");
    field(
        "cpu_time", [](auto& s) -> auto& { return s.cpu.time; }, duration(Duration(0), hours(1)),
        "time of one CPU that each request needs before `time` begins; requests wait in one queue. "
        "0: no CPU is modelled");
    field(
        "cpu_time_distribution", [](auto& s) -> auto& { return s.cpu.distribution; },
        choice<D>({{"fixed", D::fixed}, {"exponential", D::exponential}}),
        "fixed: every request needs cpu_time; exponential: that is the mean");
    field("accept_rate", &P::accepts_per_second, per_second(),
          "how fast the service takes connections off the accept queue")
        .default_text = "at once";
    field("backlog", &P::backlog, integer<int>(0, 1 << 20),
          "backlog of listen(); net.core.somaxconn caps it");
    field("listening", &P::listening, boolean(), "false: the port is closed");
    field("connection_id", &P::connection_id_bytes, integer<std::uint8_t>(1, 20),
          "UDP: bytes of the connection IDs that it gives out over QUIC");
    field("pages", &P::pages, http_pages(),
          "TCP: the status of its answer to a GET or HEAD of each path, whatever the query; other "
          "paths are answered 404")
        .default_text = "200 on every path";
    field("host_name", &P::host_name, host_name(),
          "TCP: HTTP requests whose Host is another, or that have none, are answered 421")
        .default_text = "it answers to every Host";
    field("deny", &P::deny, list_of(subnet()),
          "sources that the service does not talk to, as hosts.deny of TCP wrappers: their "
          "connections are accepted and closed at once, their datagrams ignored (ACL-38)")
        .default_text = "none";
  }
};

// "web", or "office/lan" of a site.
Codec<std::string> subnet_name() {
  Codec<std::string> codec = text();
  codec.type.text = "subnet, or site/subnet";
  return codec;
}

struct HostTable : Section<HostEntry> {
  using H = HostEntry;
  HostTable() : Section("host", "A Linux host.") {
    field("role", &H::role,
          choice<HostRole>({{"client", HostRole::client}, {"server", HostRole::server}}),
          "a client or a server, in the networks of that role")
        .default_text = "none: it may serve and connect, and needs a `subnet`";
    field("subnet", &H::subnet, subnet_name(), "the subnet that it is in, of a site as office/lan")
        .default_text = "the networks of its role";
    field("behind", &H::behind, language::name(),
          "the NAT box that it stands behind: it is a client then, in the networks inside the box")
        .default_text = "none";
    field(
        "stack", [](auto& h) -> auto& { return h.spec.stack; },
        choice<HostStack>({{"model", HostStack::model}, {"ns3", HostStack::ns3}}),
        "model: the Linux model; ns3: the TCP of ns-3, as an independent peer");
    field("addresses", &H::addresses, address_plan(),
          "how many addresses to assign, or which: they must lie in its subnet, in the networks "
          "inside "
          "its NAT box, or in the networks of its role");
    field(
        "link", [](auto& h) -> auto& { return h.spec.link; }, section(link_section()),
        "the wire to the network");
    field(
        "sysctl", [](auto& h) -> auto& { return h.spec.sysctls; }, sysctls(),
        "kernel settings under their own names");
    field(
        "time_wait", [](auto& h) -> auto& { return h.spec.time_wait; },
        duration(std::chrono::milliseconds(1), hours(1)),
        "length of TIME_WAIT, a constant of the kernel");
    field(
        "initial_sequence", [](auto& h) -> auto& { return h.spec.initial_sequence; },
        choice<host::InitialSequence>({{"hashed_clock", host::InitialSequence::hashed_clock},
                                       {"random", host::InitialSequence::random}}),
        "hashed_clock: as Linux, higher when a port is reused; random: as some other systems");
    field("security_groups", &H::security_groups, names(),
          "groups of `security_groups` that it is in: what one of them allows passes")
        .default_text = "none: everything passes";
    field("firewall", &H::firewall, section(host_firewall_section()),
          "its own firewall (iptables); absent: everything passes");
    field("service", &H::service, section(service_section()), "how its service behaves");
    field(
        "cdn", &H::cdn, section(cdn_section()),
        "it is a CDN: it answers with what a balancer answers it, which sees its addresses alone");
    field("waf", &H::waf, section(waf_section()), "it is a WAF: a CDN with other defaults");
    check([](const Node& node, Diagnostics& d, HostEntry& host) {
      const Entry* service = node.find("service");
      if (service && host.role == HostRole::client) {
        d.error(service->key_place, "a client has no service");
      }
    });
  }
};

struct NetworksTable : Section<Networks> {
  NetworksTable()
      : Section("networks",
                "Where hosts have their addresses. Addresses not given are assigned in file order "
                "from the first subnet that has room, starting at its first host address.") {
    field("clients", &Networks::clients, list_of(subnet()), "subnets of client hosts");
    field("servers", &Networks::servers, list_of(subnet()), "subnets of server hosts");
  }
};

}  // namespace

const Section<Link>& link_section() {
  static const LinkTable table;
  return table;
}

const Section<ServiceEntry>& service_section() {
  static const ServiceTable table;
  return table;
}

const Section<HostEntry>& host_section() {
  static const HostTable table;
  return table;
}

const Section<Networks>& networks_section() {
  static const NetworksTable table;
  return table;
}

}  // namespace elblab::language
