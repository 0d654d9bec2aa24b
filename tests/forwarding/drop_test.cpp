// Every packet that is not passed on has one reason, one count and one event.
#include <boost/test/unit_test.hpp>
#include <functional>

#include "tests/forwarding/scene.hpp"

namespace elblab::forwarding {

using telemetry::Reason;

namespace {

const net::Endpoint kHere = at(kClient, 1000);
const net::Endpoint kWeb = at(kVirtual, 80);

void expect_drop(Scene& scene, const Bytes& packet, Reason reason) {
  const std::uint64_t before = scene.dropped(reason);
  const std::size_t events = scene.notebook.count(telemetry::EventKind::packet_dropped);
  BOOST_TEST_CONTEXT(telemetry::to_string(reason)) {
    BOOST_TEST(scene.pass(packet).empty());
    BOOST_TEST(scene.dropped(reason) == before + 1);
    BOOST_TEST(scene.notebook.count(telemetry::EventKind::packet_dropped) == events + 1);
    BOOST_TEST((scene.notebook.events.back().reason == reason));
    BOOST_TEST(scene.counters().conserved());
  }
}

Bytes with_byte(Bytes packet, std::size_t where, std::uint8_t value) {
  packet[where] = value;
  return packet;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(drops)

BOOST_AUTO_TEST_CASE(names_the_reason_of_every_packet_it_does_not_pass_on) {
  Scene scene(kept_address_balancer());
  const Bytes syn = tcp(kHere, kWeb, {flag::syn});
  expect_drop(scene, {}, Reason::malformed);
  expect_drop(scene, Bytes(syn.begin(), syn.begin() + 30), Reason::malformed);
  expect_drop(scene, with_byte(syn, 11, static_cast<std::uint8_t>(syn[11] + 1)),
              Reason::bad_checksum);
  expect_drop(scene, with_byte(syn, 9, 47), Reason::unsupported_protocol);
  expect_drop(scene, with_byte(syn, 6, 0x20), Reason::fragment);
  expect_drop(scene, tcp(kHere, at(kVirtual, 81), {flag::syn}), Reason::no_listener);
  expect_drop(scene, udp(kHere, kWeb, 10), Reason::no_listener);
  expect_drop(scene, tcp(kHere, at(kVirtual, 53), {flag::syn}), Reason::no_listener);
  for (const std::uint8_t flags : {flag::ack, flag::fin, flag::rst, flag::syn_ack}) {
    expect_drop(scene, tcp(kHere, kWeb, {flags}), Reason::no_connection);
  }
  expect_drop(scene, tcp(kHere, kWeb, {flag::syn, 0, 0, 0, 1}), Reason::time_to_live_expired);
  expect_drop(scene, tcp(at("10.0.2.1", 90), kHere, {flag::ack}), Reason::no_connection);
  expect_drop(scene, tcp(at("127.0.0.1", 1000), kWeb, {flag::syn}), Reason::martian_source);
  expect_drop(scene, tcp(at("224.0.0.1", 1000), kWeb, {flag::syn}), Reason::martian_source);
  expect_drop(scene, tcp(at(kVirtual, 80), kWeb, {flag::syn}), Reason::martian_source);
  BOOST_TEST(scene.counters().sessions_opened == 0u);
  BOOST_TEST(scene.node.gauges().all() == 0u);
}

BOOST_AUTO_TEST_CASE(does_not_open_a_session_for_a_packet_that_could_not_live_on) {
  Scene scene(kept_address_balancer());
  expect_drop(scene, udp(kHere, at(kVirtual, 53), 5, 1), Reason::time_to_live_expired);
  BOOST_TEST(scene.node.gauges().all() == 0u);
}

BOOST_AUTO_TEST_CASE(without_a_server_refuses_tcp_and_is_silent_to_udp) {  // OPEN-13
  config::LoadBalancer balancer = kept_address_balancer();
  for (config::BackendGroup& group : balancer.groups) group.servers[1].weight = 0;
  Scene scene(balancer);
  for (std::size_t group = 0; group < 2; ++group) {
    scene.node.set_server_eligible(group, 0, scheduling::Owner::health, false);
  }
  const Parsed reset(scene.pass(tcp(kHere, kWeb, {flag::syn, 7000})));
  BOOST_TEST(reset.sound);
  BOOST_TEST((reset.flow == net::FlowKey{kWeb, kHere, net::Protocol::tcp}));
  BOOST_TEST(reset.view.tcp_flags() == (flag::rst | flag::ack));
  BOOST_TEST(reset.view.sequence() == 0u);
  BOOST_TEST(reset.view.acknowledgment() == 7001u);  // linux-host.md row 1
  BOOST_TEST(reset.view.window() == 0u);
  expect_drop(scene, udp(kHere, at(kVirtual, 53), 5), Reason::no_server);
  BOOST_TEST(scene.dropped(Reason::no_server) == 2u);
  BOOST_TEST(scene.counters().packets_made == 1u);
  scene.node.set_server_eligible(0, 0, scheduling::Owner::health, true);
  BOOST_TEST(!scene.pass(tcp(kHere, kWeb, {flag::syn, 7000})).empty());
}

BOOST_AUTO_TEST_CASE(refuses_new_connections_at_the_connection_limit_and_serves_those_it_has) {
  config::LoadBalancer balancer = kept_address_balancer();
  balancer.connection_limit = 100;
  Scene scene(balancer);
  for (std::uint16_t port = 1; port <= 100; ++port) {
    BOOST_REQUIRE(!scene.pass(tcp(at(kClient, port), kWeb, {flag::syn})).empty());
  }
  expect_drop(scene, tcp(kHere, kWeb, {flag::syn}), Reason::table_full);
  BOOST_TEST(!scene.pass(tcp(at(kClient, 50), kWeb, {flag::syn})).empty());
  scene.run_to(after(balancer.tcp_timeouts.handshake));
  BOOST_TEST(
      !scene.pass(tcp(kHere, kWeb, {flag::syn}), after(balancer.tcp_timeouts.handshake)).empty());
}

BOOST_AUTO_TEST_CASE(survives_any_bytes) {
  Scene scene(kept_address_balancer());
  Scene other(full_nat_balancer());
  const Bytes samples[] = {tcp(kHere, kWeb, {flag::syn, 0, 0, 20}), udp(kHere, at(kVirtual, 53), 9),
                           icmp(ip(kClient), ip(kVirtual), 3, 3, 0, tcp(kWeb, kHere, {})),
                           tcp(at("2001:db8::1", 9), at("2001:db8:f::10", 80), {flag::syn})};
  std::uint32_t state = 1;
  const auto next = [&state] { return state = state * 1664525 + 1013904223; };
  for (int i = 0; i < 40000; ++i) {
    Bytes packet = samples[next() >> 30];
    for (unsigned changes = 1 + (next() >> 30); changes > 0; --changes) {
      packet[(next() >> 8) % packet.size()] = static_cast<std::uint8_t>(next() >> 24);
    }
    packet.resize((next() >> 30) == 0 ? (next() >> 8) % (packet.size() + 1) : packet.size());
    scene.pass(packet, after(std::chrono::milliseconds(i)));
    other.pass(packet, after(std::chrono::milliseconds(i)));
  }
  BOOST_TEST(scene.counters().packets_in == 40000u);
  BOOST_TEST(scene.counters().conserved());
  BOOST_TEST(other.counters().conserved());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::forwarding
