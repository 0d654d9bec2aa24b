// NAT boxes and the hosts behind them: what they become, and each mistake at its place.
#include <boost/test/unit_test.hpp>

#include "tests/language/example.hpp"

namespace elblab::language {
namespace {

using testing::decoded;
using testing::first_error_of;
using testing::with;

const std::string kBoxes = R"(scenario: NET-X
title: Clients behind NAT boxes
sites: {office: {subnets: {lan: {cidr: 172.16.0.0/24}}}}
links: {core-office: {kind: vpn, rate: 100Mbps, delay: 10ms}}
subnets: {internet: {cidr: 203.0.113.0/24, public: true}, web: {cidr: 192.168.1.0/24}}
middleboxes:
  nat1: {subnet: internet, nat: {addresses: 2, ports: 1024-2047, order: sequential, mapping: per_destination, quarantine: 0s}}
  nat2: {subnet: office/lan, link: {rate: 10Mbps, delay: 5ms}, nat: {inside: [10.7.0.0/24, 10.8.0.0/24], timeouts: {udp: 30s}}}
hosts:
  c1:  {subnet: internet}
  c2:  {behind: nat1}
  c3:  {behind: nat1, role: client, addresses: 2}
  pc1: {behind: nat2, addresses: 10.8.0.9}
  b1:  {subnet: web}
balancer:
  listeners: {web: {protocol: tcp, port: 80, group: app}}
  groups: {app: {servers: {b1: {port: 90}}}}
workload:
  load: {from: [c2, c3, pc1], to: web, short_connections: 10/s, for: 10s}
expect:
  all:
    - {measure: refused(nat1), equals: 0}
)";

std::string suggestion(const std::string& text) {
  const auto loaded = ScenarioFile::parse(text, "x.yaml");
  return loaded.errors.empty() ? "" : loaded.errors.front().suggestion;
}

struct Slip {
  std::string from;
  std::string to;
  std::string first_line;  // of the answer, without "x.yaml:"
};

}  // namespace

BOOST_AUTO_TEST_SUITE(middleboxes)

BOOST_AUTO_TEST_CASE(have_outer_addresses_of_their_subnet_and_a_place_for_what_is_behind_them) {
  const Scenario s = decoded(kBoxes);
  BOOST_REQUIRE_EQUAL(s.middleboxes.size(), 2u);
  const MiddleboxSpec& nat = s.middleboxes[0];
  BOOST_TEST(nat.name == "nat1");
  BOOST_TEST(nat.outside_place == 0u);
  BOOST_TEST(s.places[nat.inside_place].name == "nat1");
  BOOST_TEST((s.places[nat.inside_place].kind == PlaceSpec::Kind::inside));
  // c1 has the first of the subnet.
  BOOST_REQUIRE_EQUAL(nat.nat.addresses.size(), 2u);
  BOOST_TEST(nat.nat.addresses[0].to_string() == "203.0.113.2");
  BOOST_TEST(nat.nat.addresses[1].to_string() == "203.0.113.3");
  BOOST_TEST(nat.nat.ports.first == 1024);
  BOOST_TEST(nat.nat.ports.last == 2047);
  BOOST_TEST((nat.nat.order == config::PortOrder::sequential));
  BOOST_TEST((nat.nat.mapping == config::NatMapping::per_destination));
  BOOST_TEST((nat.nat.quarantine == std::optional<Duration>(Duration(0))));
  BOOST_REQUIRE_EQUAL(nat.nat.inside.size(), 1u);
  BOOST_TEST(nat.nat.inside[0].to_string() == "100.64.0.0/20");
}

// netfilter's ways and times (nf_conntrack-sysctl.rst of the kernel).
BOOST_AUTO_TEST_CASE(of_a_container_node_are_one_address_and_the_defaults_of_netfilter) {
  const std::string text = with(kBoxes,
                                "nat: {addresses: 2, ports: 1024-2047, order: sequential, mapping: "
                                "per_destination, quarantine: 0s}",
                                "container_node: {ports: 32768-60999, timeouts: {icmp: 5s}}");
  const config::Nat nat = decoded(text).middleboxes[0].nat;
  BOOST_REQUIRE_EQUAL(nat.addresses.size(), 1u);
  BOOST_TEST(nat.ports.first == 32768);
  BOOST_TEST((nat.order == config::PortOrder::preserve));
  BOOST_TEST((nat.mapping == config::NatMapping::per_destination));
  BOOST_TEST((nat.timeouts.tcp_established == Duration(std::chrono::seconds(432'000))));
  BOOST_TEST((nat.timeouts.tcp_transitory == Duration(std::chrono::seconds(120))));
  BOOST_TEST((config::effective_quarantine(nat) == Duration(std::chrono::seconds(120))));
  BOOST_TEST((nat.timeouts.udp == Duration(std::chrono::seconds(120))));
  BOOST_TEST((nat.timeouts.icmp == Duration(std::chrono::seconds(5))));
  const auto error_with = [&](const std::string& node) {
    return first_error_of(
        with(text, "container_node: {ports: 32768-60999, timeouts: {icmp: 5s}}", node));
  };
  BOOST_TEST(error_with("container_node: {addresses: 2}")
                 .ends_with("a node hides its containers behind its own address, which is one"));
  BOOST_TEST(error_with("nat: {}, container_node: {}")
                 .ends_with("'container_node' and 'nat' exclude each other in middlebox"));
  BOOST_TEST(error_with("link: {delay: 1ms}")
                 .ends_with("middlebox needs exactly one of: nat, container_node"));
}

BOOST_AUTO_TEST_CASE(stand_in_sites_too_and_have_wires_of_their_own) {
  const Scenario s = decoded(kBoxes);
  const MiddleboxSpec& nat = s.middleboxes[1];
  BOOST_TEST(s.places[nat.outside_place].name == "office");
  BOOST_TEST(nat.nat.addresses[0].to_string() == "172.16.0.1");
  BOOST_TEST((nat.nat.timeouts.udp == Duration(std::chrono::seconds(30))));
  BOOST_TEST((nat.nat.timeouts.icmp == config::NatTimeouts().icmp));
  BOOST_TEST(!nat.nat.quarantine);
  const PlaceLinkSpec& link = s.place_links.back();
  BOOST_TEST(link.name == "nat2");
  BOOST_TEST((link.kind == PlaceLinkSpec::Kind::uplink));
  BOOST_TEST(link.from == nat.outside_place);
  BOOST_TEST(link.to == nat.inside_place);
  BOOST_TEST((link.link.delay == Duration(std::chrono::milliseconds(5))));
  BOOST_TEST(link.mtu_bytes == 1500u);
}

BOOST_AUTO_TEST_CASE(give_hosts_behind_them_addresses_of_their_inside_networks) {
  const Scenario s = decoded(kBoxes);
  const std::size_t behind_first = s.middleboxes[0].inside_place;
  BOOST_TEST(s.hosts[1].addresses[0].to_string() == "100.64.0.1");
  BOOST_TEST(s.hosts[2].addresses[0].to_string() == "100.64.0.2");
  BOOST_TEST(s.hosts[2].addresses[1].to_string() == "100.64.0.3");
  BOOST_TEST(s.hosts[3].addresses[0].to_string() == "10.8.0.9");
  BOOST_TEST(s.hosts[1].place == behind_first);
  BOOST_TEST(s.hosts[1].behind == "nat1");
  BOOST_TEST((s.hosts[1].role == HostRole::client));
  BOOST_TEST(s.hosts[0].behind.empty());
  BOOST_TEST(s.hosts[3].place == s.middleboxes[1].inside_place);
}

BOOST_AUTO_TEST_CASE(are_written_out_as_a_file_that_means_the_same) {
  const Scenario s = decoded(kBoxes);
  const Scenario again = decoded(s.effective_yaml);
  BOOST_TEST(again.effective_yaml == s.effective_yaml);
  BOOST_TEST((again.middleboxes[0].nat.addresses == s.middleboxes[0].nat.addresses));
  BOOST_TEST(again.middleboxes[1].nat.inside.size() == 2u);
  BOOST_TEST((again.hosts[2].addresses == s.hosts[2].addresses));
}

// A run or --set changes a knob by its path.
BOOST_AUTO_TEST_CASE(are_changed_by_runs) {
  const std::string text =
      with(kBoxes, "expect:\n",
           "runs: {a: {set: {middleboxes.nat1.nat.mapping: endpoint_independent, "
           "middleboxes.nat1.nat.ports: 1024-65535}}}\nexpect:\n");
  const Scenario s = decoded(text);
  BOOST_TEST((s.middleboxes[0].nat.mapping == config::NatMapping::endpoint_independent));
  BOOST_TEST(s.middleboxes[0].nat.ports.last == 65535);
}

BOOST_AUTO_TEST_CASE(answer_each_mistake_at_its_place) {
  const std::vector<Slip> slips{
      {"c2:  {behind: nat1}", "c2:  {behind: nat9}", "11:17: there is no NAT box named 'nat9'"},
      {"c2:  {behind: nat1}", "c2:  {behind: nat1, role: server}",
       "11:9: a server behind a NAT box cannot be reached: static mappings are not built"},
      {"c2:  {behind: nat1}", "c2:  {behind: nat1, service: {time: 1ms}}",
       "11:9: a server behind a NAT box cannot be reached: static mappings are not built"},
      {"c2:  {behind: nat1}", "c2:  {behind: nat1, subnet: internet}",
       "11:23: host 'c2' stands behind 'nat1': its addresses are of the networks inside the box"},
      {"addresses: 10.8.0.9", "addresses: 10.9.0.9",
       "13:34: 10.9.0.9 is outside the networks behind 'nat2': allowed is 10.7.0.0/24, "
       "10.8.0.0/24"},
      {"addresses: 10.8.0.9", "addresses: \"2001:db8::1\"",
       "13:34: 2001:db8::1 is outside the networks behind 'nat2': allowed is 10.7.0.0/24, "
       "10.8.0.0/24"},
      {"servers: {b1: {port: 90}}", "servers: {c2: {port: 90}}",
       "17:28: host 'c2' stands behind NAT box 'nat1': no balancer can reach it"},
      {"to: web", "to: c2, port: 80",
       "19:35: host 'c2' stands behind NAT box 'nat1': nobody can connect to it"},
      {"{subnet: internet, nat", "{subnet: internat, nat",
       "7:18: there is no subnet named 'internat'"},
      {"{subnet: internet, nat", "{behind: nat2, nat",
       "7:10: a NAT box behind a NAT box is not built"},
      {"addresses: 2, ports", "addresses: 192.0.2.1, ports",
       "7:45: 192.0.2.1 is outside subnet 'internet': allowed is 203.0.113.0/24"},
      {"  c1:  {subnet: internet}",
       "  c1:  {subnet: internet, addresses: 203.0.113.9}\n"
       "  c9:  {subnet: internet, addresses: 203.0.113.9}",
       "11:38: 203.0.113.9 is an address of host c1 already"},
      {"addresses: 2, ports", "addresses: [203.0.113.9, 203.0.113.9], ports",
       "7:45: 203.0.113.9 is an address of NAT box nat1 already"},
      {"ports: 1024-2047", "ports: 0-2047", "7:55: port 0 is out of range: allowed are 1 … 65535"},
      {"order: sequential", "order: hash",
       "7:73: 'hash' is not one of: random, sequential, preserve"},
      {"quarantine: 0s", "filtering: address_dependent",
       "7:111: filtering is not built by itself, it goes with the mapping: endpoint_independent "
       "admits "
       "everyone, per_destination only the destination"},
      {"quarantine: 0s", "hairpin: false",
       "7:111: hosts behind a box always reach each other through their outer endpoints"},
      {"quarantine: 0s", "session_limit: 0",
       "7:126: 0 is out of range: allowed are 1 … 1073741824"},
      {"10.7.0.0/24, 10.8", "192.168.1.128/25, 10.8",
       "8:78: 192.168.1.128/25 overlaps subnet 'web', 192.168.1.0/24"},
      {"10.7.0.0/24, 10.8", "198.18.0.0/24, 10.8",
       "8:78: 198.18.0.0/24 overlaps the network of clients, 198.18.0.0/15"},
      {"10.7.0.0/24, 10.8", "100.64.1.0/24, 10.8",
       "8:78: 100.64.1.0/24 overlaps what stands behind 'nat1', 100.64.0.0/20"},
      {"[10.7.0.0/24, 10.8.0.0/24]", "[]", "8:78: at least one subnet stands behind a NAT box"},
      {"10.7.0.0/24, 10.8", "10.8.0.128/25, 10.8",
       "8:78: 10.8.0.128/25 lies in 10.8.0.0/24, which stands behind the box already (FTC-S19)"},
      {"10.7.0.0/24, 10.8", "10.0.1.0/24, 10.8",
       "8:78: 10.0.1.0/24 holds 10.0.1.254, an address of balancer 'balancer'"},
      {"10.7.0.0/24, 10.8", "\"2001:db8:9::/64\", 10.8",
       "8:78: 2001:db8:9::/64 is IPv6; translating IPv6 (NAT66) is not built (FTC-S19)"},
      {"link: {rate: 10Mbps, delay: 5ms}", "link: {kind: csma}",
       "8:43: the wire of a NAT box is point_to_point or pooled, no Ethernet segment"},
      {"  nat2: {", "  c1: {", "8:3: there is a host named 'c1' already"},
      {"  nat2: {", "  office: {", "8:3: there is a zone or site named 'office' already"},
      {"  nat2: {", "  balancer: {", "8:3: there is a balancer named 'balancer' already"},
      {", nat: {addresses: 2, ports: 1024-2047, order: sequential, mapping: per_destination, "
       "quarantine: 0s}",
       "", "7:3: middlebox needs exactly one of: nat, container_node"},
      {"refused(nat1)", "refused(nat3)",
       "22:17: refused belongs to a NAT box; there is none named 'nat3'"},
  };
  for (const Slip& slip : slips) {
    BOOST_TEST(first_error_of(with(kBoxes, slip.from, slip.to)) == "x.yaml:" + slip.first_line);
  }
}

BOOST_AUTO_TEST_CASE(are_suggested_by_name) {
  BOOST_TEST(suggestion(with(kBoxes, "c2:  {behind: nat1}", "c2:  {behind: nat11}")) ==
             "did you mean 'nat1'?");
  BOOST_TEST(suggestion(with(kBoxes, "  nat1: {subnet: internet", "  nat1: {sbnet: internet")) ==
             "did you mean 'subnet'?");
}

BOOST_AUTO_TEST_CASE(do_not_outnumber_the_places_of_a_network) {
  std::string boxes;
  for (int i = 0; i < 70; ++i) boxes += "  n" + std::to_string(i) + ": {nat: {}}\n";
  BOOST_TEST(first_error_of(with(kBoxes, "middleboxes:\n", "middleboxes:\n" + boxes))
                 .ends_with("more than 63 zones, sites and NAT boxes"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::language
