// Filters where they stand: on the ports of a Fabric, with a balancer and without.
#include "models/network/fabric.hpp"

#include <array>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <optional>

#include "models/access/host_firewall.hpp"
#include "models/access/network_acl.hpp"
#include "models/access/security_groups.hpp"
#include "tests/access/reference_groups.hpp"
#include "tests/access/reference_rules.hpp"
#include "tests/access/scene.hpp"
#include "tests/forwarding/scene.hpp"

namespace elblab::access {
namespace {

using network::Direction;
using network::PortIndex;
using telemetry::Reason;

std::vector<config::PacketRule> random_rules(random::Stream& random, bool allow_only) {
  std::vector<config::PacketRule> rules;
  for (std::uint64_t i = random.below(6); i > 0; --i) {
    config::PacketRule rule = random_rule(random);
    if (allow_only) rule.allow = true;
    rules.push_back(rule);
  }
  return rules;
}

bool first_match_allows(const std::vector<config::PacketRule>& rules, const Packet& packet,
                        bool otherwise) {
  const auto match = first_match_by_scan(rules, packet);
  return match ? rules[*match].allow : otherwise;
}

struct SubnetAcl {
  config::NetworkAcl rules;
  std::unique_ptr<NetworkAcl> filter;  // nullptr: none
};

struct FilteredHost {
  net::IpAddress address;
  std::size_t subnet = 0;
  config::HostFirewall firewall;
  std::unique_ptr<HostFirewall> firewall_filter;
  std::unique_ptr<ReferenceGroups> groups;
  std::unique_ptr<SecurityGroups> groups_filter;
};

// Hosts in a few subnets, some with filters, and what must become of a packet between two of them.
class Network {
 public:
  explicit Network(random::Stream& random) {
    for (int i = 0; i < 3; ++i) {
      SubnetAcl& acl = subnets_.emplace_back();
      if (random.chance(0.4)) continue;
      acl.rules = {random_rules(random, false), random_rules(random, false)};
      if (random.chance(0.7)) acl.rules.in.push_back(allow("all"));
      if (random.chance(0.7)) acl.rules.out.push_back(allow("all"));
      acl.filter = std::make_unique<NetworkAcl>(acl.rules);
    }
    std::vector<network::Route> routes;
    for (PortIndex port = 0; port < 6; ++port) {
      // The addresses of random_rule.
      hosts_.push_back(random_host(random, net::IpAddress::v4(0x0A000000 + port)));
      routes.push_back({net::Subnet(hosts_.back().address, 32), port});
    }
    fabric_ = std::make_unique<network::Fabric>(std::move(routes), 1, recorder_);
    for (PortIndex port = 0; port < hosts_.size(); ++port) {
      const FilteredHost& host = hosts_[port];
      fabric_->set_filters(port, {subnets_[host.subnet].filter.get(), host.groups_filter.get(),
                                  host.firewall_filter.get()});
    }
  }

  Reason expected(PortIndex from, PortIndex to, const Packet& packet, Instant now) {
    FilteredHost& a = hosts_[from];
    FilteredHost& b = hosts_[to];
    const SubnetAcl& acl_a = subnets_[a.subnet];
    const SubnetAcl& acl_b = subnets_[b.subnet];
    const bool leaves = a.subnet != b.subnet;
    if (a.firewall_filter && !first_match_allows(a.firewall.out, packet, true)) {
      return Reason::host_firewall;
    }
    if (a.groups && !a.groups->admits(packet, false, now)) return Reason::security_group;
    if (leaves && acl_a.filter && !first_match_allows(acl_a.rules.out, packet, false)) {
      return Reason::network_acl;
    }
    if (leaves && acl_b.filter && !first_match_allows(acl_b.rules.in, packet, false)) {
      return Reason::network_acl;
    }
    if (b.groups && !b.groups->admits(packet, true, now)) return Reason::security_group;
    if (b.firewall_filter && !first_match_allows(b.firewall.in, packet, true)) {
      return Reason::host_firewall;
    }
    return Reason::none;
  }

  // Why the packet was dropped; none: it went to the port it was for.
  Reason send(PortIndex from, PortIndex to, const Packet& packet, Instant now) {
    const network::FabricCounters before = fabric_->counters();
    basket_.ports.clear();
    basket_.packets.clear();
    Bytes bytes = packet.bytes();
    fabric_->receive(from, bytes, now, basket_);
    const network::FabricCounters& after = fabric_->counters();
    BOOST_REQUIRE(after.conserved());
    for (std::size_t reason = 0; reason < after.dropped.size(); ++reason) {
      if (after.dropped[reason] == before.dropped[reason]) continue;
      BOOST_REQUIRE(basket_.ports.empty());
      return static_cast<Reason>(reason);
    }
    BOOST_REQUIRE_EQUAL(basket_.ports.size(), 1u);
    BOOST_REQUIRE_EQUAL(basket_.ports.front(), to);
    return Reason::none;
  }

  const net::IpAddress& address(PortIndex port) const { return hosts_[port].address; }

 private:
  FilteredHost random_host(random::Stream& random, const net::IpAddress& address) const {
    FilteredHost host;
    host.address = address;
    host.subnet = random.below(subnets_.size());
    if (random.chance(0.5)) {
      host.firewall = {random_rules(random, false), random_rules(random, false)};
      host.firewall_filter = std::make_unique<HostFirewall>(host.firewall);
    }
    if (random.chance(0.5)) {
      const config::SecurityGroup group{"g", random_rules(random, true), random_rules(random, true),
                                        true};
      host.groups = std::make_unique<ReferenceGroups>(group.in, *group.out, TrackingLimits{});
      host.groups_filter =
          std::make_unique<SecurityGroups>(std::vector{compile(group)}, 7, TrackingLimits{});
    }
    return host;
  }

  telemetry::NullRecorder recorder_;
  forwarding::Basket basket_;
  std::vector<SubnetAcl> subnets_;
  std::vector<FilteredHost> hosts_;
  std::unique_ptr<network::Fabric> fabric_;
};

// A server b1 (10.0.2.1:90) behind a balancer, in a subnet that nothing may enter or leave.
class GuardedServer {
 public:
  static constexpr PortIndex kClientPort = 1;
  static constexpr PortIndex kServerPort = 2;

  explicit GuardedServer(const config::LoadBalancer& balancer)
      : routed(balancer, {1, 2},
               {{subnet("203.0.113.0/24"), kClientPort}, {subnet("10.0.2.0/24"), kServerPort}}, 42,
               recorder) {
    routed.fabric.set_filters(kServerPort, {&acl, &groups, nullptr});
  }

  // The port that a packet from the client to the virtual address goes to, if any.
  std::optional<PortIndex> ask(const Packet& packet, PortIndex from = kClientPort) {
    basket.ports.clear();
    basket.packets.clear();
    Bytes bytes = packet.bytes();
    routed.fabric.receive(from, bytes, kStart, basket);
    BOOST_TEST(routed.fabric.counters().conserved());
    BOOST_TEST(routed.counters().conserved());
    if (basket.ports.empty()) return std::nullopt;
    return basket.ports.front();
  }
  std::uint64_t dropped(Reason reason) const {
    return routed.fabric.counters().dropped[static_cast<std::size_t>(reason)];
  }

  telemetry::NullRecorder recorder;
  NetworkAcl acl{config::NetworkAcl{}};
  SecurityGroups groups{{}, 1};
  forwarding::RoutedBalancer routed;
  forwarding::Basket basket;
};

const net::Endpoint kVisitor = at(forwarding::kClient, 4000);
const net::Endpoint kWeb = at(forwarding::kVirtual, 80);

}  // namespace

BOOST_AUTO_TEST_SUITE(filters_of_a_fabric)

BOOST_AUTO_TEST_CASE(agree_with_what_each_rule_says_about_each_packet) {
  random::Stream random(5, "networks");
  std::size_t passed = 0;
  std::array<std::size_t, static_cast<std::size_t>(Reason::count_)> dropped{};
  const std::uint8_t flags[] = {flag::syn, flag::syn_ack, flag::ack, flag::fin, flag::rst};
  for (int trial = 0; trial < 120; ++trial) {
    Network network(random);
    for (int i = 0; i < 300; ++i) {
      const auto a = static_cast<PortIndex>(random.below(6));
      const auto b = static_cast<PortIndex>(random.below(6));
      const auto port = [&] { return static_cast<std::uint16_t>(1 + random.below(8)); };
      const net::Endpoint from{network.address(a), port()};
      const net::Endpoint to{network.address(b), port()};
      const Packet packet =
          random.chance(0.6) ? tcp(from, to, flags[random.below(std::size(flags))]) : udp(from, to);
      const Instant now = after(std::chrono::milliseconds(10) * i);
      const Reason expected = network.expected(a, b, packet, now);
      BOOST_REQUIRE_MESSAGE(network.send(a, b, packet, now) == expected,
                            packet.view().flow().to_string()
                                << " should be " << telemetry::to_string(expected));
      ++(expected == Reason::none ? passed : dropped[static_cast<std::size_t>(expected)]);
    }
  }
  BOOST_TEST(passed > 5000u);
  for (const Reason reason : {Reason::network_acl, Reason::security_group, Reason::host_firewall}) {
    BOOST_TEST(dropped[static_cast<std::size_t>(reason)] > 1000u);
  }
}

BOOST_AUTO_TEST_CASE(hold_for_kept_addresses_where_the_variant_enforces_them) {  // ACL-30, SEC-13
  config::LoadBalancer balancer = forwarding::kept_address_balancer();
  balancer.transfer_rules = config::RuleEnforcement::enforced;
  GuardedServer server(balancer);
  BOOST_TEST(!server.ask(tcp(kVisitor, kWeb)).has_value());
  BOOST_TEST(server.dropped(Reason::network_acl) == 1u);
}

BOOST_AUTO_TEST_CASE(
    leave_kept_addresses_alone_where_the_variant_bypasses_them) {  // ACL-32, SEC-14
  const config::LoadBalancer balancer = forwarding::kept_address_balancer();
  GuardedServer server(balancer);
  for (const std::uint16_t port : {4000, 4001, 4002, 4003}) {
    const net::Endpoint client = at(forwarding::kClient, port);
    BOOST_REQUIRE(server.ask(tcp(client, kWeb)) == GuardedServer::kServerPort);
    const Packet request(server.basket.only());
    const net::FlowKey seen = request.view().flow();
    BOOST_TEST((seen.source == client));
    const Packet answer = tcp(seen.destination, seen.source, flag::syn_ack);
    BOOST_TEST((server.ask(answer, GuardedServer::kServerPort) == GuardedServer::kClientPort));
    // Errors about it, either way.
    BOOST_TEST((server.ask(unreachable(request, seen.destination.address),
                           GuardedServer::kServerPort) == GuardedServer::kClientPort));
  }
  // All else is filtered: direct access, and what the server begins itself (ACL-07).
  BOOST_TEST(!server.ask(tcp(at(forwarding::kClient, 5000), at("10.0.2.1", 90))).has_value());
  BOOST_TEST(
      !server.ask(tcp(at("10.0.2.1", 5000), kVisitor), GuardedServer::kServerPort).has_value());
  BOOST_TEST(!server.ask(ping(kVisitor.address, ip("10.0.2.1"), 1)).has_value());
}

BOOST_AUTO_TEST_CASE(hold_for_full_nat_whatever_the_variant_and_see_the_balancers_address) {
  // ACL-26, ACL-34, SEC-16: rules for the client do not help, those for the source block do.
  const config::LoadBalancer balancer = forwarding::full_nat_balancer();
  for (const bool of_the_block : {false, true}) {
    GuardedServer server(balancer);
    const char* const range = of_the_block ? "100.125.0.0/16" : "203.0.113.0/24";
    NetworkAcl acl{{{allow("tcp 90").from(range)}, {allow("tcp").from_ports(90, 90).to(range)}}};
    SecurityGroups groups{
        {compile(config::SecurityGroup{"app", {allow("tcp 90").from(range)}, std::nullopt, true})},
        1};
    server.routed.fabric.set_filters(GuardedServer::kServerPort, {&acl, &groups, nullptr});
    BOOST_TEST(server.ask(tcp(kVisitor, kWeb)).has_value() == of_the_block);
    if (!of_the_block) continue;
    const net::FlowKey seen = Packet(server.basket.only()).view().flow();
    const Packet answer = tcp(seen.destination, seen.source, flag::syn_ack);
    BOOST_TEST((server.ask(answer, GuardedServer::kServerPort) == GuardedServer::kClientPort));
  }
}

BOOST_AUTO_TEST_CASE(of_the_balancers_own_subnet_can_keep_everything_from_it) {  // ACL-25, SEC-11
  GuardedServer server(forwarding::kept_address_balancer());
  NetworkAcl front{config::NetworkAcl{}};
  server.routed.fabric.set_node_acl(ip(forwarding::kVirtual), &front);
  BOOST_TEST(!server.ask(tcp(kVisitor, kWeb)).has_value());
  BOOST_TEST(server.dropped(Reason::network_acl) == 1u);
  BOOST_TEST(server.routed.balancer.counters().packets_in == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::access
