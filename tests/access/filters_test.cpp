// Network ACLs and host firewalls: ordered, stateless, one refuses by default and one admits.
#include <boost/test/unit_test.hpp>

#include "models/access/host_firewall.hpp"
#include "models/access/network_acl.hpp"
#include "tests/access/scene.hpp"

namespace elblab::access {
namespace {

using network::Direction;

const net::Endpoint kBalancer = at("100.125.0.9", 4000);
const net::Endpoint kServer = at("192.168.1.7", 90);

template <typename Filter>
bool in(Filter& filter, const Packet& packet) {
  return filter.admits(packet, Direction::in, kStart);
}
template <typename Filter>
bool out(Filter& filter, const Packet& packet) {
  return filter.admits(packet, Direction::out, kStart);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(network_acl)

BOOST_AUTO_TEST_CASE(without_rules_rejects_everything_both_ways) {  // ACL-24, ACL-25
  NetworkAcl acl{config::NetworkAcl{}};
  BOOST_TEST(!in(acl, tcp(kBalancer, kServer)));
  BOOST_TEST(!out(acl, tcp(kServer, kBalancer, flag::syn_ack)));
  BOOST_TEST(!in(acl, ping(kBalancer.address, kServer.address, 1)));
}

BOOST_AUTO_TEST_CASE(needs_rules_in_both_directions_for_one_connection) {  // ACL-24, ACL-35, SEC-12
  const Packet request = tcp(kBalancer, kServer);
  const Packet answer = tcp(kServer, kBalancer, flag::syn_ack);
  const config::PacketRule there = allow("tcp 90").from("100.125.0.0/16").to("192.168.1.0/24");
  const config::PacketRule back =
      allow("tcp").from("192.168.1.0/24").from_ports(90, 90).to("100.125.0.0/16");
  NetworkAcl inbound_only{{{there}, {}}};
  BOOST_TEST(in(inbound_only, request));
  BOOST_TEST(!out(inbound_only, answer));
  NetworkAcl outbound_only{{{}, {back}}};
  BOOST_TEST(!in(outbound_only, request));
  BOOST_TEST(out(outbound_only, answer));
  NetworkAcl both{{{there}, {back}}};
  BOOST_TEST(in(both, request));
  BOOST_TEST(out(both, answer));
  BOOST_TEST(!in(both, tcp(kBalancer, at("192.168.1.7", 91))));   // another port
  BOOST_TEST(!in(both, tcp(at("203.0.113.7", 4000), kServer)));   // another source (ACL-28)
  BOOST_TEST(!out(both, tcp(at("192.168.1.7", 91), kBalancer)));  // another source port
  BOOST_TEST(!in(both, udp(kBalancer, kServer)));                 // another protocol
  BOOST_TEST(!in(both, tcp(kBalancer, at("192.168.2.7", 90))));   // another destination
}

BOOST_AUTO_TEST_CASE(lets_the_first_rule_that_matches_decide) {
  NetworkAcl acl{{{deny("udp 53").from("10.0.0.0/8"), allow("udp 53"), deny("all")}, {}}};
  BOOST_TEST(!in(acl, udp(at("10.1.1.1", 9), at("192.168.1.7", 53))));
  BOOST_TEST(in(acl, udp(at("11.1.1.1", 9), at("192.168.1.7", 53))));
  BOOST_TEST(!in(acl, udp(at("11.1.1.1", 9), at("192.168.1.7", 54))));
}

BOOST_AUTO_TEST_CASE(counts_what_each_rule_decided) {
  NetworkAcl acl{{{allow("tcp 90"), deny("tcp")}, {}}};
  for (int i = 0; i < 3; ++i) in(acl, tcp(kBalancer, kServer));
  in(acl, tcp(kBalancer, at("192.168.1.7", 22)));
  in(acl, udp(kBalancer, kServer));
  BOOST_TEST(acl.rules(Direction::in).matched()[0] == 3u);
  BOOST_TEST(acl.rules(Direction::in).matched()[1] == 1u);
  BOOST_TEST(acl.rules(Direction::in).unmatched() == 1u);
  BOOST_TEST(acl.rules(Direction::out).unmatched() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(host_firewall)

BOOST_AUTO_TEST_CASE(without_rules_admits_everything_both_ways) {
  HostFirewall firewall{config::HostFirewall{}};
  BOOST_TEST(in(firewall, tcp(kBalancer, kServer)));
  BOOST_TEST(out(firewall, tcp(kServer, kBalancer)));
}

BOOST_AUTO_TEST_CASE(drops_the_probe_source_while_other_clients_pass) {  // ACL-27, HC-S17 (a)
  HostFirewall firewall{{{deny("all").from("100.125.0.0/16")}, {}}};
  BOOST_TEST(!in(firewall, tcp(kBalancer, kServer)));
  BOOST_TEST(in(firewall, tcp(at("203.0.113.7", 4000), kServer)));
  BOOST_TEST(firewall.rules(Direction::in).matched()[0] == 1u);  // iptables -L -v
}

BOOST_AUTO_TEST_CASE(can_keep_back_port_unreachable_and_nothing_else) {  // UHC-13
  HostFirewall firewall{{{}, {deny("icmp unreachable")}}};
  const Packet probe = udp(kBalancer, kServer);
  BOOST_TEST(in(firewall, probe));
  BOOST_TEST(!out(firewall, unreachable(probe, kServer.address)));
  BOOST_TEST(out(firewall, pong(kServer.address, kBalancer.address, 1)));
}

BOOST_AUTO_TEST_CASE(lets_hosts_share_rules_and_count_for_themselves) {
  const CompiledRules rules = compile(config::HostFirewall{{deny("tcp 22")}, {}});
  HostFirewall first(rules);
  HostFirewall second(rules);
  in(first, tcp(kBalancer, at("192.168.1.7", 22)));
  BOOST_TEST(first.rules(Direction::in).matched()[0] == 1u);
  BOOST_TEST(second.rules(Direction::in).matched()[0] == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::access
