// Five-tuple conflicts: two listeners, one server port, one client endpoint (FTC-01..15).
#include <boost/test/unit_test.hpp>
#include <map>

#include "models/net/icmp.hpp"
#include "tests/forwarding/scene.hpp"

namespace elblab::forwarding {

using std::chrono::seconds;

namespace {

const net::Endpoint kHere = at(kClient, 100);

// Listeners :80, :81, :82 over one server.
config::LoadBalancer three_listeners(bool full_nat) {
  config::LoadBalancer balancer = full_nat ? full_nat_balancer() : kept_address_balancer();
  balancer.groups[0].servers.resize(1);
  for (const std::uint16_t port : {std::uint16_t{81}, std::uint16_t{82}}) {
    config::Listener listener = balancer.listeners[0];
    listener.name += std::to_string(port);
    listener.port = {port, port};
    balancer.listeners.push_back(listener);
  }
  return balancer;
}

// The port of the balancer that an answer of the server comes back from.
std::uint16_t return_path(Scene& scene, Instant now) {
  const Bytes answer = scene.pass(tcp(at("10.0.2.1", 90), kHere, {flag::ack, 1, 1}), now);
  return answer.empty() ? 0 : Parsed(answer).flow.source.port;
}

void reset_by_client(Scene& scene, std::uint16_t port, Instant now) {
  scene.pass(tcp(kHere, at(kVirtual, port), {flag::rst, kClientNext}), now);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(conflicts)

BOOST_AUTO_TEST_CASE(are_counted_and_give_the_return_path_to_the_newest) {  // FTC-03, FTC-15
  Scene scene(three_listeners(false));
  scene.connect(kHere, at(kVirtual, 80));
  BOOST_TEST(return_path(scene, kStart) == 80);
  const Parsed second(scene.pass(tcp(kHere, at(kVirtual, 81), {flag::syn, 77})));
  BOOST_TEST((second.flow == net::FlowKey{kHere, at("10.0.2.1", 90), net::Protocol::tcp}));
  BOOST_TEST(scene.counters().five_tuple_conflicts == 1u);
  BOOST_TEST(scene.notebook.count(telemetry::EventKind::five_tuple_conflict) == 1u);
  BOOST_TEST(return_path(scene, kStart) == 81);
  BOOST_TEST(scene.node.gauges().all() == 2u);
}

BOOST_AUTO_TEST_CASE(give_the_return_path_back_when_the_newer_binding_ends) {
  Scene scene(three_listeners(false));
  scene.connect(kHere, at(kVirtual, 80));
  scene.pass(tcp(kHere, at(kVirtual, 81), {flag::syn, 77}));
  reset_by_client(scene, 81, kStart);
  scene.run_to(after(seconds(3)));  // the reset binding is gone
  BOOST_TEST(scene.node.gauges().all() == 1u);
  BOOST_TEST(return_path(scene, after(seconds(3))) == 80);
}

BOOST_AUTO_TEST_CASE(keep_their_order_when_one_in_the_middle_ends) {
  Scene scene(three_listeners(false));
  for (const std::uint16_t port : {std::uint16_t{80}, std::uint16_t{81}, std::uint16_t{82}}) {
    scene.pass(tcp(kHere, at(kVirtual, port), {flag::syn, 77}));
  }
  BOOST_TEST(scene.counters().five_tuple_conflicts == 2u);
  reset_by_client(scene, 81, kStart);
  scene.run_to(after(seconds(3)));
  BOOST_TEST(scene.node.gauges().all() == 2u);
  BOOST_TEST(return_path(scene, after(seconds(3))) == 82);
  reset_by_client(scene, 82, after(seconds(3)));
  scene.run_to(after(seconds(6)));
  BOOST_TEST(return_path(scene, after(seconds(6))) == 80);
  reset_by_client(scene, 80, after(seconds(6)));
  scene.run_to(after(seconds(9)));
  BOOST_TEST(return_path(scene, after(seconds(9))) == 0);
  BOOST_TEST(scene.node.gauges().all() == 0u);
}

BOOST_AUTO_TEST_CASE(leave_the_newest_when_the_shadowed_binding_ends_first) {
  Scene scene(three_listeners(false));
  scene.pass(tcp(kHere, at(kVirtual, 80), {flag::syn, 77}));
  scene.pass(tcp(kHere, at(kVirtual, 81), {flag::syn, 77}), after(seconds(30)));
  scene.run_to(after(seconds(60)));  // the first one's handshake timeout
  BOOST_TEST(scene.node.gauges().all() == 1u);
  BOOST_TEST(return_path(scene, after(seconds(60))) == 81);
}

BOOST_AUTO_TEST_CASE(do_not_arise_with_a_connection_that_is_over) {  // FTC-14: closed
  Scene scene(three_listeners(false));
  scene.connect(kHere, at(kVirtual, 80));
  reset_by_client(scene, 80, kStart);
  scene.connect(kHere, at(kVirtual, 81));
  BOOST_TEST(scene.counters().five_tuple_conflicts == 0u);
  BOOST_TEST(scene.node.gauges().all() == 1u);
  BOOST_TEST(scene.notebook.connections.size() == 1u);
  BOOST_TEST(return_path(scene, kStart) == 81);
}

BOOST_AUTO_TEST_CASE(do_not_arise_with_full_nat_or_other_server_ports) {  // FTC-07, FTC-11, FTC-13
  Scene full_nat(three_listeners(true));
  full_nat.connect(kHere, at(kVirtual, 80));
  full_nat.connect(kHere, at(kVirtual, 81));
  BOOST_TEST(full_nat.counters().five_tuple_conflicts == 0u);
  config::LoadBalancer balancer = three_listeners(false);
  balancer.groups.push_back(balancer.groups[0]);
  balancer.groups.back().name = "other";
  balancer.groups.back().servers[0].port = 91;
  balancer.listeners[2].group = "other";  // :81
  Scene apart(balancer);
  apart.connect(kHere, at(kVirtual, 80));
  apart.connect(kHere, at(kVirtual, 81));
  BOOST_TEST(apart.counters().five_tuple_conflicts == 0u);
}

BOOST_AUTO_TEST_CASE(arise_inside_a_port_range_listener) {  // FTC-04, CON-12: fixed server port
  config::LoadBalancer balancer = kept_address_balancer();
  balancer.groups[0].servers.resize(1);
  balancer.listeners[0].port = {8000, 8999};
  Scene scene(balancer);
  for (std::uint16_t port = 8000; port < 8050; ++port) {
    scene.pass(tcp(kHere, at(kVirtual, port), {flag::syn, 77}));
  }
  BOOST_TEST(scene.counters().five_tuple_conflicts == 49u);
  scene.run_to(after(seconds(60)));
  BOOST_TEST(scene.node.gauges().all() == 0u);
  BOOST_TEST(scene.notebook.connections.size() == 50u);
}

BOOST_AUTO_TEST_CASE(cannot_arise_where_the_server_port_is_the_listening_port) {  // FTC-S05, CON-12
  for (const bool full_nat : {false, true}) {
    config::LoadBalancer balancer = full_nat ? full_nat_balancer() : kept_address_balancer();
    balancer.groups[0].servers.resize(1);
    balancer.listeners[0].port = {8000, 8049};
    balancer.listeners[0].server_port = config::ServerPort::listening;
    Scene scene(balancer);
    for (std::uint16_t port = 8000; port < 8050; ++port) {
      const net::FlowKey seen = scene.connect(kHere, at(kVirtual, port));
      BOOST_TEST((seen.destination == at("10.0.2.1", port)));
    }
    BOOST_TEST(scene.counters().five_tuple_conflicts == 0u);
    BOOST_TEST(scene.node.gauges().established == 50u);
    // FullNAT: each endpoint has a pool of its own (BW-10).
    BOOST_TEST(scene.node.gauges().source_ports_in_use == (full_nat ? 50u : 0u));
  }
}

// The client's endpoint as the server sees it.
struct Met {
  net::Endpoint source;
  std::uint16_t virtual_port = 0;
};

BOOST_AUTO_TEST_CASE(are_kept_apart_by_source_ports_where_that_is_asked_for) {
  config::LoadBalancer balancer = three_listeners(false);
  balancer.conflict = config::ConflictPolicy::remap;
  Scene scene(balancer);
  std::vector<Met> met;
  for (const std::uint16_t port : {std::uint16_t{80}, std::uint16_t{81}, std::uint16_t{82}}) {
    const net::FlowKey seen = scene.connect(kHere, at(kVirtual, port));
    BOOST_TEST((seen.source.address == kHere.address));
    BOOST_TEST((seen.source == kHere) == (port == 80));  // only whoever meets another is changed
    met.push_back({seen.source, port});
  }
  BOOST_TEST(met[1].source.port != met[2].source.port);
  BOOST_TEST(scene.counters().five_tuple_conflicts == 0u);
  BOOST_TEST(scene.counters().source_ports_remapped == 2u);
  BOOST_TEST(scene.notebook.count(telemetry::EventKind::source_port_remapped) == 2u);
  for (const Met& each : met) {
    const Parsed answer(scene.pass(tcp(at("10.0.2.1", 90), each.source, {flag::ack, 1, 1})));
    BOOST_TEST(answer.sound);
    BOOST_TEST(
        (answer.flow == net::FlowKey{at(kVirtual, each.virtual_port), kHere, net::Protocol::tcp}));
    // An error about it, too, finds its client, and tells what that one knows.
    const Bytes quoted = tcp(each.source, at("10.0.2.1", 90), {flag::ack, 1, 1});
    const Parsed error(scene.pass(icmp(ip("10.0.2.1"), ip(kClient), 3, 3, 0, quoted)));
    BOOST_TEST(error.sound);
    const auto about = net::quoted_flow(error.view);
    BOOST_REQUIRE(about.has_value());
    BOOST_TEST(
        (*about == net::FlowKey{kHere, at(kVirtual, each.virtual_port), net::Protocol::tcp}));
  }
}

// Ports of one client on four nodes: every second flow of a port would meet the first one.
BOOST_AUTO_TEST_CASE(are_kept_apart_on_every_node_of_a_balancer) {
  for (const config::Steering steering : {config::Steering::client, config::Steering::five_tuple}) {
    config::LoadBalancer balancer = three_listeners(false);
    balancer.conflict = config::ConflictPolicy::remap;
    balancer.steering = steering;
    balancer.nodes.lvs = 4;
    Notebook notebook;
    Basket basket;
    RoutedBalancer routed(balancer, {1, 2, 3, 4},
                          {{{ip("203.0.113.0"), 24}, 0}, {{ip("10.0.2.0"), 24}, 1}}, 7, notebook);
    std::map<net::Endpoint, Met> clients;  // by what the server sees
    const auto pass = [&](Bytes packet) {
      routed.receive(packet, kStart, basket);
      return Parsed(basket.only());
    };
    for (std::uint16_t port = 20000; port < 20200; ++port) {
      for (const std::uint16_t to : {std::uint16_t{80}, std::uint16_t{81}}) {
        const Parsed syn = pass(tcp(at(kClient, port), at(kVirtual, to), {flag::syn, 77}));
        clients.try_emplace(syn.flow.source, Met{at(kClient, port), to});
      }
    }
    BOOST_TEST(routed.counters().five_tuple_conflicts == 0u);
    // With the listener's port in the hash, flows of one port may be on nodes that know nothing of
    // each other.
    if (steering == config::Steering::five_tuple) continue;
    BOOST_TEST(clients.size() == 400u);
    std::size_t changed = 0;
    for (const auto& [seen, client] : clients) changed += seen == client.source ? 0 : 1;
    // Every second flow, and first ones whose port had been drawn for another one before.
    BOOST_TEST(changed >= 200u);
    BOOST_TEST(routed.counters().source_ports_remapped == changed);
    for (const auto& [seen, client] : clients) {
      const Parsed answer = pass(tcp(at("10.0.2.1", 90), seen, {flag::syn_ack, 5, 78}));
      BOOST_REQUIRE((answer.flow == net::FlowKey{at(kVirtual, client.virtual_port), client.source,
                                                 net::Protocol::tcp}));
    }
  }
}

BOOST_AUTO_TEST_CASE(go_untold_where_that_is_asked_for) {
  config::LoadBalancer balancer = three_listeners(false);
  balancer.conflict = config::ConflictPolicy::ignore;
  Scene scene(balancer);
  scene.connect(kHere, at(kVirtual, 80));
  scene.pass(tcp(kHere, at(kVirtual, 81), {flag::syn, 77}));
  BOOST_TEST(scene.counters().five_tuple_conflicts == 0u);
  BOOST_TEST(scene.notebook.count(telemetry::EventKind::five_tuple_conflict) == 0u);
  BOOST_TEST(return_path(scene, kStart) == 81);  // it happens all the same
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::forwarding
