#include "models/net/icmp.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/forwarding/scene.hpp"

namespace elblab::forwarding {

using telemetry::Reason;

namespace {

const net::Endpoint kHere = at(kClient, 1000);
const net::Endpoint kDns = at(kVirtual, 53);

// As a router or host quotes: the IP header and 8 bytes more (RFC 792), or all of it.
Bytes quote(const Bytes& packet, std::size_t size) {
  return Bytes(packet.begin(),
               packet.begin() + static_cast<std::ptrdiff_t>(std::min(size, packet.size())));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(icmp_at_a_node)

BOOST_AUTO_TEST_CASE(answers_echo_to_the_virtual_address_itself) {  // FWD-12
  Scene scene(kept_address_balancer());
  const Bytes body{1, 2, 3, 4, 5};
  const Parsed reply(scene.pass(icmp(ip(kClient), ip(kVirtual), 8, 0, 0x00070001, body)));
  BOOST_TEST(reply.sound);
  BOOST_TEST((reply.flow.source.address == ip(kVirtual)));
  BOOST_TEST((reply.flow.destination.address == ip(kClient)));
  BOOST_TEST(reply.view.icmp_type() == 0);
  BOOST_TEST(net::load32(reply.view.transport().data() + 4) == 0x00070001u);
  BOOST_TEST(Bytes(reply.view.payload().begin(), reply.view.payload().end()) == body,
             boost::test_tools::per_element());
  const Parsed v6(
      scene.pass(icmp(ip("2001:db8::7"), ip("2001:db8:f::10"), 128, 0, 0x00070002, body)));
  BOOST_TEST(v6.sound);
  BOOST_TEST(v6.view.icmp_type() == 129);
  BOOST_TEST(scene.counters().packets_absorbed == 2u);
  BOOST_TEST(scene.counters().packets_made == 2u);
  BOOST_TEST(scene.counters().packets_forwarded == 0u);
  BOOST_TEST(scene.counters().conserved());
}

BOOST_AUTO_TEST_CASE(answers_echo_whether_or_not_a_server_lives) {  // FWD-12
  Scene scene(kept_address_balancer());
  scene.node.set_server_eligible(0, 0, scheduling::Owner::health, false);
  scene.node.set_server_eligible(0, 1, scheduling::Owner::health, false);
  BOOST_TEST(!scene.pass(icmp(ip(kClient), ip(kVirtual), 8, 0, 1, {})).empty());
}

BOOST_AUTO_TEST_CASE(does_not_answer_what_is_damaged_or_not_for_it) {
  Scene scene(kept_address_balancer());
  Bytes damaged = icmp(ip(kClient), ip(kVirtual), 8, 0, 1, {1, 2});
  damaged.back() ^= 1;
  BOOST_TEST(scene.pass(damaged).empty());
  BOOST_TEST(scene.dropped(Reason::bad_checksum) == 1u);
  BOOST_TEST(scene.pass(icmp(ip(kClient), ip("198.51.100.77"), 8, 0, 1, {})).empty());
  BOOST_TEST(scene.dropped(Reason::not_for_us) == 1u);
  BOOST_TEST(scene.pass(icmp(ip("224.0.0.5"), ip(kVirtual), 8, 0, 1, {})).empty());
  BOOST_TEST(scene.dropped(Reason::martian_source) == 1u);
  BOOST_TEST(scene.pass(icmp(ip(kClient), ip(kVirtual), 13, 0, 1, {})).empty());  // timestamp
  BOOST_TEST(scene.dropped(Reason::unsupported_protocol) == 1u);
  BOOST_TEST(scene.counters().conserved());
}

BOOST_AUTO_TEST_CASE(translates_port_unreachable_of_a_server_back_to_the_client) {
  for (const auto& balancer : {kept_address_balancer(), full_nat_balancer()}) {
    for (const std::size_t size : {std::size_t{28}, std::size_t{1000}}) {
      Scene scene(balancer);
      const Bytes sent = udp(kHere, kDns, 40);
      const Parsed seen(scene.pass(sent));
      const Parsed error(
          scene.pass(icmp(seen.flow.destination.address, seen.flow.source.address,
                          net::icmp_type::destination_unreachable, 3, 0, quote(seen.bytes, size))));
      BOOST_TEST(error.sound);
      BOOST_TEST((error.flow.source.address == ip(kVirtual)));
      BOOST_TEST((error.flow.destination.address == ip(kClient)));
      BOOST_REQUIRE(net::quoted_flow(error.view).has_value());
      BOOST_TEST((*net::quoted_flow(error.view) == net::FlowKey{kHere, kDns, net::Protocol::udp}));
      BOOST_TEST(scene.counters().conserved());
    }
  }
}

BOOST_AUTO_TEST_CASE(translates_an_error_of_the_client_side_to_the_server) {
  for (const auto& balancer : {kept_address_balancer(), full_nat_balancer()}) {
    Scene scene(balancer);
    const Parsed seen(scene.pass(udp(kHere, kDns, 40)));
    const Parsed answer(scene.pass(udp(seen.flow.destination, seen.flow.source, 60)));
    const Parsed error(
        scene.pass(icmp(ip(kClient), ip(kVirtual), net::icmp_type::destination_unreachable, 3, 0,
                        quote(answer.bytes, 28))));
    BOOST_TEST(error.sound);
    BOOST_TEST((error.flow.destination.address == seen.flow.destination.address));
    BOOST_TEST((error.flow.source.address == seen.flow.source.address));
    BOOST_TEST((*net::quoted_flow(error.view) == seen.flow.reversed()));
  }
}

BOOST_AUTO_TEST_CASE(translates_icmpv6_errors) {
  Scene scene(kept_address_balancer());
  const net::Endpoint here = at("2001:db8::7", 5000);
  const net::Endpoint dns = at("2001:db8:f::10", 53);
  const Parsed seen(scene.pass(udp(here, dns, 40)));
  const Parsed error(
      scene.pass(icmp(seen.flow.destination.address, here.address,
                      net::icmp_type::v6_destination_unreachable, 4, 0, quote(seen.bytes, 48))));
  BOOST_TEST(error.sound);
  BOOST_TEST((*net::quoted_flow(error.view) == net::FlowKey{here, dns, net::Protocol::udp}));
  BOOST_TEST((error.flow.source.address == dns.address));
}

BOOST_AUTO_TEST_CASE(drops_errors_about_flows_it_does_not_hold) {
  Scene scene(kept_address_balancer());
  const Bytes stranger = udp(at("10.0.2.1", 90), kHere, 10);
  BOOST_TEST(scene.pass(icmp(ip(kClient), ip(kVirtual), 3, 3, 0, quote(stranger, 28))).empty());
  BOOST_TEST(scene.dropped(Reason::no_connection) == 1u);
}

BOOST_AUTO_TEST_CASE(lets_errors_leave_the_idle_time_alone) {
  Scene scene(kept_address_balancer());
  const Parsed seen(scene.pass(udp(kHere, kDns, 40)));
  scene.pass(icmp(seen.flow.destination.address, ip(kClient), 3, 3, 0, quote(seen.bytes, 28)),
             after(std::chrono::seconds(200)));
  scene.run_to(after(std::chrono::seconds(300)));
  BOOST_TEST(scene.node.gauges().all() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::forwarding
