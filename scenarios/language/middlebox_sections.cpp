// Tables of boxes between hosts and the network: NAT boxes. docs/nat.md says what their fields do.
#include "scenarios/language/address_codec.hpp"
#include "scenarios/language/sections.hpp"

namespace elblab::language {
namespace {

// Idle times are told apart up to here (models/config/nat_rules.cpp).
constexpr Duration kLongestIdleTime = std::chrono::hours(24 * 24);

Codec<Duration> idle_time() { return duration(std::chrono::milliseconds(1), kLongestIdleTime); }

struct NatTimeoutsTable : Section<config::NatTimeouts> {
  using T = config::NatTimeouts;
  NatTimeoutsTable()
      : Section("timeouts of a NAT box", "How long a flow is remembered that is silent.") {
    field("udp", &T::udp, idle_time(), "UDP (RFC 4787 REQ-5)");
    field("tcp_established", &T::tcp_established, idle_time(),
          "TCP, while it is established (RFC 5382 REQ-5)");
    field("tcp_transitory", &T::tcp_transitory, idle_time(),
          "TCP, while the handshake is not complete, and after a FIN (RFC 5382 REQ-5)");
    field("icmp", &T::icmp, idle_time(), "echoes (RFC 5508 REQ-2)");
  }
};

template <typename Box>
struct TranslatorTable : Section<Box> {
  TranslatorTable(std::string name, std::string help)
      : Section<Box>(std::move(name), std::move(help)) {
    this->field(
        "addresses", &NatEntry::addresses, address_plan(),
        "its outer addresses: how many to assign, or which; in its subnet, or in the networks of "
        "clients");
    this->field(
            "inside", [](auto& n) -> auto& { return n.values.inside; }, list_of(subnet()),
            "the networks behind it, that the hosts there have their addresses in")
        .default_text = "100.64.0.0/20, of a second box 100.64.16.0/20, and so on";
    this->field(
        "ports", [](auto& n) -> auto& { return n.values.ports; }, port_range(),
        "outer ports of each address: of TCP, of UDP, and as identifiers of echoes");
    ways();
    times();
    this->field(
        "session_limit", [](auto& n) -> auto& { return n.values.session_limit; },
        integer<std::uint32_t>(1, 1 << 30), "flows at once");
    this->check([](const Node& node, Diagnostics& d, Box& nat) {
      const Entry* inside = node.find("inside");
      if (inside != nullptr && nat.values.inside.empty()) {
        d.error(inside->value.place, "at least one subnet stands behind a NAT box");
      }
    });
    this->refused(
        "filtering",
        "filtering is not built by itself, it goes with the mapping: endpoint_independent "
        "admits everyone, per_destination only the destination");
    this->refused("hairpin",
                  "hosts behind a box always reach each other through their outer endpoints");
    this->refused("forward", "static mappings are not built: no server can stand behind a NAT box");
  }

 private:
  void ways() {
    using O = config::PortOrder;
    using M = config::NatMapping;
    this->field(
        "order", [](auto& n) -> auto& { return n.values.order; },
        choice<O>(
            {{"random", O::random}, {"sequential", O::sequential}, {"preserve", O::preserve}}),
        "which free port a new mapping gets: any; the next after the one given last; the inside "
        "port "
        "itself, if it is in the range and free");
    this->field(
        "mapping", [](auto& n) -> auto& { return n.values.mapping; },
        choice<M>({{"endpoint_independent", M::endpoint_independent},
                   {"per_destination", M::per_destination}}),
        "what an outer port stands for: one inside endpoint; or one towards one destination, so "
        "that "
        "towards others the port is given again (FTC-S19)");
  }
  void times() {
    static const NatTimeoutsTable timeouts;
    this->field(
            "quarantine", [](auto& n) -> auto& { return n.values.quarantine; },
            duration(Duration(0), kLongestIdleTime),
            "how long after a RST or both FINs an outer TCP port is kept from a new use; 0s: it is "
            "free "
            "at once (FTC-14)")
        .default_text = "timeouts.tcp_transitory";
    this->field(
        "timeouts", [](auto& n) -> auto& { return n.values.timeouts; }, section(timeouts),
        "how long a silent flow is remembered");
  }
};

struct NatTable : TranslatorTable<NatEntry> {
  NatTable()
      : TranslatorTable(
            "nat", "How a NAT box gives its outer addresses and ports to the hosts behind it.") {}
};

// netfilter's masquerading: the port is kept where it is free, told apart by destination, and its
// times are those of nf_conntrack (Documentation/networking/nf_conntrack-sysctl.rst).
struct ContainerNodeTable : TranslatorTable<ContainerNodeEntry> {
  ContainerNodeTable()
      : TranslatorTable("container_node",
                        "A node that sends what its containers send from its own address, as "
                        "netfilter does: nat with other defaults.") {}
};

struct MiddleboxTable : Section<MiddleboxEntry> {
  MiddleboxTable()
      : Section("middlebox",
                "A box between hosts and the network. Hosts say themselves that they stand behind "
                "it.") {
    using M = MiddleboxEntry;
    Codec<std::string> subnet_of_it = text();
    subnet_of_it.type.text = "subnet, or site/subnet";
    field("subnet", &M::subnet, std::move(subnet_of_it),
          "the subnet that it is in, and its outer addresses are of")
        .default_text = "the networks of clients";
    field("link", &M::link, section(link_section()), "its wire to the network").default_text =
        "one that neither delays nor loses";
    static const NatTable nat;
    static const ContainerNodeTable containers;
    field("nat", &M::nat, section(nat), "how it translates addresses and ports").choice = "kind";
    field("container_node", &M::container_node, section(containers),
          "the same for a node and its containers")
        .choice = "kind";
    exactly_one("kind");
    refused("behind", "a NAT box behind a NAT box is not built");
    check([](const Node& node, Diagnostics& d, MiddleboxEntry& box) {
      if (!box.link || box.link->kind != LinkKind::csma) return;
      d.error(node.find("link")->value.find("kind")->value.place,
              "the wire of a NAT box is point_to_point or pooled, no Ethernet segment");
    });
  }
};

}  // namespace

ContainerNodeEntry::ContainerNodeEntry() {
  using std::chrono::seconds;
  values.order = config::PortOrder::preserve;
  values.mapping = config::NatMapping::per_destination;
  values.timeouts.udp = seconds(120);
  values.timeouts.tcp_established = std::chrono::hours(5 * 24);
  values.timeouts.tcp_transitory = seconds(120);
  values.timeouts.icmp = seconds(30);
}

const Section<MiddleboxEntry>& middlebox_section() {
  static const MiddleboxTable table;
  return table;
}

}  // namespace elblab::language
