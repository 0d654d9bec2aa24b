// How bindings begin and end, and what a world is told about it.
#include <boost/test/unit_test.hpp>

#include "tests/forwarding/scene.hpp"

namespace elblab::forwarding {

using std::chrono::milliseconds;
using std::chrono::seconds;
using telemetry::Reason;

namespace {

const net::Endpoint kHere = at(kClient, 1000);
const net::Endpoint kWeb = at(kVirtual, 80);
const net::Endpoint kDns = at(kVirtual, 53);

}  // namespace

BOOST_AUTO_TEST_SUITE(session_life)

BOOST_AUTO_TEST_CASE(counts_a_connection_as_established_with_the_clients_ack) {  // MET-02, MET-03
  Scene scene(kept_address_balancer());
  const Parsed syn(scene.pass(tcp(kHere, kWeb, {flag::syn, 1000})));
  BOOST_TEST(scene.node.gauges().not_established == 1u);
  const net::FlowKey seen = syn.flow;
  scene.pass(tcp(seen.destination, seen.source, {flag::syn_ack, 5000, 1001}));
  // An ACK of something else does not complete the handshake.
  scene.pass(tcp(kHere, kWeb, {flag::ack, 1001, 4711}));
  BOOST_TEST(scene.node.gauges().established == 0u);
  scene.pass(tcp(kHere, kWeb, {flag::ack, 1001, 5001}), after(milliseconds(30)));
  BOOST_TEST(scene.node.gauges().established == 1u);
  BOOST_TEST(scene.node.gauges().not_established == 0u);
  scene.node.finish(after(seconds(1)));
  BOOST_TEST((scene.notebook.connections.at(0).established_at == after(milliseconds(30))));
  BOOST_TEST((scene.notebook.connections.at(0).reason == Reason::run_ended));
}

BOOST_AUTO_TEST_CASE(resets_both_ends_of_an_idle_connection_at_the_sequence_they_expect) {  // TO-03
  for (const auto& balancer : {kept_address_balancer(), full_nat_balancer()}) {
    Scene scene(balancer);
    const net::FlowKey seen = scene.connect(kHere, kWeb);
    scene.pass(tcp(kHere, kWeb, {flag::ack, kClientNext, kServerNext, 100}), after(seconds(1)));
    scene.pass(tcp(seen.destination, seen.source, {flag::ack, kServerNext, kClientNext + 100, 70}),
               after(seconds(2)));
    scene.pass(tcp(kHere, kWeb, {flag::ack, kClientNext + 100, kServerNext + 70}),
               after(seconds(3)));
    scene.run_to(after(seconds(303)) - Duration(1));
    BOOST_TEST(scene.basket.packets.empty());
    BOOST_TEST(scene.node.gauges().established == 1u);
    scene.run_to(after(seconds(303)));
    BOOST_REQUIRE_EQUAL(scene.basket.packets.size(), 2u);
    const Parsed to_client(scene.basket.packets[0]);
    BOOST_TEST(to_client.sound);
    BOOST_TEST((to_client.flow == net::FlowKey{kWeb, kHere, net::Protocol::tcp}));
    BOOST_TEST(to_client.view.sequence() == kServerNext + 70);
    const Parsed to_server(scene.basket.packets[1]);
    BOOST_TEST(to_server.sound);
    BOOST_TEST((to_server.flow == seen));
    BOOST_TEST(to_server.view.sequence() == kClientNext + 100);
    for (const Parsed* reset : {&to_client, &to_server}) {
      BOOST_TEST((reset->view.tcp_flags() & flag::rst) != 0);
    }
    BOOST_TEST(scene.node.gauges().all() == 0u);
    BOOST_TEST(scene.counters().idle_timeouts == 1u);
    const auto& record = scene.notebook.connections.at(0);
    BOOST_TEST((record.reason == Reason::idle_timeout));
    BOOST_TEST((record.closed_at == after(seconds(303))));
    BOOST_TEST(record.bytes_sent == 100u);
    BOOST_TEST(record.bytes_received == 70u);
    BOOST_TEST((record.flow == net::FlowKey{kHere, kWeb, net::Protocol::tcp}));
    BOOST_TEST((record.translated == seen));
    BOOST_TEST((scene.node.next_deadline() == kNever));
  }
}

// Linux row 7: a challenge ACK or stray must not move what the RST will say.
BOOST_AUTO_TEST_CASE(is_not_led_astray_by_numbers_nobody_sent) {
  Scene scene(kept_address_balancer());
  const net::FlowKey seen = scene.connect(kHere, kWeb);
  scene.pass(tcp(kHere, kWeb, {flag::ack, kClientNext, kServerNext + 900000}));
  scene.pass(tcp(seen.destination, seen.source, {flag::ack, kServerNext, kClientNext + 900000}));
  scene.run_to(after(seconds(300)));
  BOOST_REQUIRE_EQUAL(scene.basket.packets.size(), 2u);
  BOOST_TEST(Parsed(scene.basket.packets[0]).view.sequence() == kServerNext);
  BOOST_TEST(Parsed(scene.basket.packets[1]).view.sequence() == kClientNext);
}

BOOST_AUTO_TEST_CASE(restarts_the_idle_time_with_packets_of_either_side) {  // TO-13
  config::LoadBalancer balancer = kept_address_balancer();
  balancer.listeners[0].idle_timeout = seconds(10);
  Scene scene(balancer);
  const net::FlowKey seen = scene.connect(kHere, kWeb);
  for (int i = 1; i <= 20; ++i) {
    scene.run_to(after(seconds(9 * i)));
    if (i % 2 == 0) {
      scene.pass(tcp(kHere, kWeb, {flag::ack, kClientNext - 1, kServerNext}),
                 after(seconds(9 * i)));
    } else {
      scene.pass(tcp(seen.destination, seen.source, {flag::ack, kServerNext - 1, kClientNext}),
                 after(seconds(9 * i)));
    }
  }
  BOOST_TEST(scene.node.gauges().established == 1u);
  scene.run_to(after(seconds(190)));
  BOOST_TEST(scene.node.gauges().all() == 0u);
  BOOST_TEST(scene.counters().packets_made == 2u);
}

BOOST_AUTO_TEST_CASE(ends_udp_sessions_silently_and_lets_answers_refresh_them) {  // OPEN-06
  Scene scene(kept_address_balancer());
  const Parsed request(scene.pass(udp(kHere, kDns, 30)));
  BOOST_TEST(scene.node.gauges().udp == 1u);
  scene.run_to(after(seconds(200)));
  const Parsed answer(scene.pass(udp(request.flow.destination, kHere, 40), after(seconds(200))));
  BOOST_TEST((answer.flow.source == kDns));
  scene.run_to(after(seconds(499)));
  BOOST_TEST(scene.node.gauges().udp == 1u);
  scene.run_to(after(seconds(500)));
  BOOST_TEST(scene.node.gauges().all() == 0u);
  BOOST_TEST(scene.basket.packets.empty());
  BOOST_TEST((scene.notebook.connections.at(0).reason == Reason::idle_timeout));
  BOOST_TEST(scene.notebook.connections.at(0).bytes_sent == 30u);
  BOOST_TEST(scene.notebook.connections.at(0).bytes_received == 40u);
}

BOOST_AUTO_TEST_CASE(forgets_an_unanswered_syn_after_the_handshake_timeout) {
  Scene scene(kept_address_balancer());
  scene.pass(tcp(kHere, kWeb, {flag::syn, 1000}));
  const Parsed again(scene.pass(tcp(kHere, kWeb, {flag::syn, 1000}), after(seconds(1))));
  BOOST_TEST(again.flow.destination.to_string() == "10.0.2.1:90");  // the binding stays
  scene.run_to(after(seconds(61)) - Duration(1));
  BOOST_TEST(scene.node.gauges().not_established == 1u);
  scene.run_to(after(seconds(61)));
  BOOST_TEST(scene.node.gauges().all() == 0u);
  BOOST_TEST(scene.basket.packets.empty());
  const auto& record = scene.notebook.connections.at(0);
  BOOST_TEST((record.reason == Reason::timed_out));
  BOOST_TEST((record.established_at == kNever));
  BOOST_TEST(record.retransmissions == 1u);
}

namespace {

// Closes with `first` sending the first FIN; returns the scene's only record.
telemetry::ConnectionRecord close_orderly(bool client_first) {
  Scene scene(kept_address_balancer());
  const net::FlowKey seen = scene.connect(kHere, kWeb);
  const auto from_client = [&](std::uint8_t flags, std::uint32_t seq, std::uint32_t ack) {
    scene.pass(tcp(kHere, kWeb, {flags, seq, ack}));
  };
  const auto from_server = [&](std::uint8_t flags, std::uint32_t seq, std::uint32_t ack) {
    scene.pass(tcp(seen.destination, seen.source, {flags, seq, ack}));
  };
  if (client_first) {
    from_client(flag::fin, kClientNext, kServerNext);
    from_server(flag::fin, kServerNext, kClientNext + 1);
    from_client(flag::ack, kClientNext + 1, kServerNext + 1);
  } else {
    from_server(flag::fin, kServerNext, kClientNext);
    from_client(flag::fin, kClientNext, kServerNext + 1);
    from_server(flag::ack, kServerNext + 1, kClientNext + 1);
  }
  BOOST_TEST(scene.node.gauges().not_established == 1u);
  scene.run_to(after(seconds(2)) - Duration(1));
  BOOST_TEST(scene.node.gauges().all() == 1u);
  scene.run_to(after(seconds(2)));  // TcpPhaseTimeouts::closed
  BOOST_TEST(scene.node.gauges().all() == 0u);
  BOOST_TEST(scene.basket.packets.empty());
  BOOST_REQUIRE_EQUAL(scene.notebook.connections.size(), 1u);
  return scene.notebook.connections[0];
}

}  // namespace

BOOST_AUTO_TEST_CASE(records_which_side_closed_first) {
  BOOST_TEST((close_orderly(true).reason == Reason::closed_by_client));
  BOOST_TEST((close_orderly(false).reason == Reason::closed_by_server));
}

BOOST_AUTO_TEST_CASE(keeps_a_half_closed_connection_for_the_closing_timeout) {
  Scene scene(kept_address_balancer());
  const net::FlowKey seen = scene.connect(kHere, kWeb);
  scene.pass(tcp(kHere, kWeb, {flag::fin, kClientNext, kServerNext}));
  scene.pass(tcp(seen.destination, seen.source, {flag::ack, kServerNext, kClientNext + 1, 10}),
             after(seconds(20)));
  scene.run_to(after(seconds(49)));
  BOOST_TEST(scene.node.gauges().all() == 1u);
  scene.run_to(after(seconds(50)));
  BOOST_TEST(scene.node.gauges().all() == 0u);
  BOOST_TEST(scene.counters().packets_made == 0u);
  BOOST_TEST((scene.notebook.connections.at(0).reason == Reason::closed_by_client));
}

BOOST_AUTO_TEST_CASE(records_which_side_reset) {
  {
    Scene scene(kept_address_balancer());
    scene.connect(kHere, kWeb);
    BOOST_TEST(!scene.pass(tcp(kHere, kWeb, {flag::rst, kClientNext})).empty());
    scene.run_to(after(seconds(2)));
    BOOST_TEST((scene.notebook.connections.at(0).reason == Reason::reset_by_client));
  }
  {
    Scene scene(kept_address_balancer());
    const Parsed syn(scene.pass(tcp(kHere, kWeb, {flag::syn, 1000})));
    scene.pass(tcp(syn.flow.destination, kHere, {flag::rst | flag::ack, 0, 1001}));
    scene.run_to(after(seconds(2)));
    BOOST_TEST((scene.notebook.connections.at(0).reason == Reason::reset_by_server));
  }
}

BOOST_AUTO_TEST_CASE(schedules_anew_when_a_client_reuses_a_port_that_is_over) {
  Scene scene(kept_address_balancer());
  BOOST_TEST(scene.connect(kHere, kWeb).destination.to_string() == "10.0.2.1:90");
  // While the connection lives a SYN meets its server (which challenges it, linux-host.md row 7).
  const Parsed early(scene.pass(tcp(kHere, kWeb, {flag::syn, 900000})));
  BOOST_TEST(early.flow.destination.to_string() == "10.0.2.1:90");
  scene.pass(tcp(kHere, kWeb, {flag::rst, kClientNext}));
  const Parsed anew(scene.pass(tcp(kHere, kWeb, {flag::syn, 900000}), after(milliseconds(5))));
  BOOST_TEST(anew.flow.destination.to_string() == "10.0.2.2:90");
  BOOST_REQUIRE_EQUAL(scene.notebook.connections.size(), 1u);
  BOOST_TEST((scene.notebook.connections[0].reason == Reason::reset_by_client));
  BOOST_TEST((scene.notebook.connections[0].closed_at == after(milliseconds(5))));
  BOOST_TEST(scene.node.gauges().all() == 1u);
  BOOST_TEST(scene.counters().sessions_opened == 2u);
}

BOOST_AUTO_TEST_CASE(finishes_a_run_with_a_record_for_everything_still_open) {
  Scene scene(full_nat_balancer());
  for (std::uint16_t port = 1; port <= 10; ++port) scene.connect(at(kClient, port), kWeb);
  scene.pass(udp(kHere, kDns, 5));
  scene.node.finish(after(seconds(9)));
  BOOST_TEST(scene.notebook.connections.size() == 11u);
  for (const auto& record : scene.notebook.connections) {
    BOOST_TEST((record.reason == Reason::run_ended));
    BOOST_TEST((record.closed_at == after(seconds(9))));
    BOOST_TEST((record.role == telemetry::ConnectionRole::session));
    BOOST_TEST(record.peer >= 10u);
  }
  BOOST_TEST(scene.node.gauges().all() == 0u);
  BOOST_TEST(scene.node.gauges().source_ports_in_use == 0u);
  BOOST_TEST((scene.node.next_deadline() == kNever));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::forwarding
