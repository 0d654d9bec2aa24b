// What an operation of an operator does to a node: to what comes, and to what is open.
#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "tests/forwarding/scene.hpp"

namespace elblab::forwarding {

using std::chrono::milliseconds;
using std::chrono::seconds;
using telemetry::Reason;

namespace {

const net::Endpoint kOperatedWeb = at(kVirtual, 80);
const net::Endpoint kOperatedDns = at(kVirtual, 53);

net::Endpoint port(std::uint16_t number) { return at(kClient, number); }

// Which server the next connections go to, by number in the group.
std::vector<int> next_servers(Scene& scene, std::uint16_t first_port, int connections,
                              Instant now) {
  std::vector<int> servers;
  for (int i = 0; i < connections; ++i) {
    const net::Endpoint client = port(static_cast<std::uint16_t>(first_port + i));
    const Bytes syn = scene.pass(tcp(client, kOperatedWeb, {flag::syn, 1}), now);
    const net::IpAddress server = Parsed(syn).flow.destination.address;
    servers.push_back(server == ip("10.0.2.1") ? 1 : 2);
  }
  return servers;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(operation_on_a_node)

BOOST_AUTO_TEST_CASE(new_connections_follow_a_new_weight_and_open_ones_stay) {  // LIFE-01, LIFE-02
  config::LoadBalancer balancer = full_nat_balancer();
  Scene scene(balancer);
  const net::FlowKey first = scene.connect(port(1000), kOperatedWeb);
  balancer.groups[0].servers[0].weight = 3;
  scene.node.reconfigure(balancer, OpenConnections::as_configured, after(seconds(1)));
  const auto servers = next_servers(scene, 2000, 40, after(seconds(1)));
  BOOST_TEST(std::count(servers.begin(), servers.end(), 1) == 30);
  const Bytes data = scene.pass(
      tcp(port(1000), kOperatedWeb, {flag::ack, kClientNext, kServerNext, 9}), after(seconds(1)));
  BOOST_TEST((Parsed(data).flow == first));
}

BOOST_AUTO_TEST_CASE(a_removed_server_gets_nothing_new_and_may_come_back) {  // LIFE-24
  config::LoadBalancer balancer = kept_address_balancer();
  Scene scene(balancer);
  balancer.groups[0].servers[1].member = false;
  scene.node.reconfigure(balancer, OpenConnections::as_configured, kStart);
  const auto without = next_servers(scene, 2000, 10, kStart);
  BOOST_TEST(std::count(without.begin(), without.end(), 1) == 10);
  BOOST_TEST(scene.node.effective_weight(0, 1) == 0);
  balancer.groups[0].servers[1].member = true;
  scene.node.reconfigure(balancer, OpenConnections::as_configured, kStart);
  const auto with = next_servers(scene, 3000, 10, kStart);
  BOOST_TEST(std::count(with.begin(), with.end(), 2) == 5);
}

BOOST_AUTO_TEST_CASE(nobody_brings_back_what_somebody_else_took_out) {
  config::LoadBalancer balancer = kept_address_balancer();
  Scene scene(balancer);
  balancer.groups[0].servers[1].member = false;
  scene.node.reconfigure(balancer, OpenConnections::as_configured, kStart);
  for (const auto owner : {scheduling::Owner::health, scheduling::Owner::operator_hand}) {
    scene.node.set_server_eligible(0, 1, owner, false);
    scene.node.set_server_eligible(0, 1, owner, true);
    BOOST_TEST(scene.node.effective_weight(0, 1) == 0);
  }
  scene.node.set_server_eligible(0, 1, scheduling::Owner::health, false);
  balancer.groups[0].servers[1].member = true;
  scene.node.reconfigure(balancer, OpenConnections::as_configured, kStart);
  BOOST_TEST(scene.node.effective_weight(0, 1) == 0);
}

BOOST_AUTO_TEST_CASE(without_a_delay_open_connections_are_cut_at_once) {  // LIFE-11, OPEN-32
  for (const bool removed : {false, true}) {
    for (config::LoadBalancer balancer : {kept_address_balancer(), full_nat_balancer()}) {
      Scene scene(balancer);
      const net::FlowKey seen = scene.connect(port(1000), kOperatedWeb);
      scene.connect(port(1001), kOperatedWeb);  // the other server's
      auto& server = balancer.groups[0].servers[seen.destination.address == ip("10.0.2.1") ? 0 : 1];
      if (removed) {
        server.member = false;
      } else {
        server.weight = 0;
      }
      const Instant now = after(seconds(7));
      scene.node.reconfigure(balancer, OpenConnections::as_configured, now);
      BOOST_TEST((scene.node.next_deadline() == now));
      scene.run_to(now);
      BOOST_REQUIRE_EQUAL(scene.basket.packets.size(), 2u);
      const Parsed to_client(scene.basket.packets[0]);
      BOOST_TEST(to_client.sound);
      BOOST_TEST((to_client.flow == net::FlowKey{kOperatedWeb, port(1000), net::Protocol::tcp}));
      BOOST_TEST((to_client.view.tcp_flags() & flag::rst) != 0);
      BOOST_TEST(to_client.view.sequence() == kServerNext);
      const Parsed to_server(scene.basket.packets[1]);
      BOOST_TEST((to_server.flow == seen));
      BOOST_TEST(to_server.view.sequence() == kClientNext);
      BOOST_REQUIRE_EQUAL(scene.notebook.connections.size(), 1u);
      BOOST_TEST((scene.notebook.connections[0].reason == Reason::deregistered));
      BOOST_TEST((scene.notebook.connections[0].closed_at == now));
      BOOST_TEST(scene.node.gauges().established == 1u);
      BOOST_TEST(scene.counters().conserved());
    }
  }
}

BOOST_AUTO_TEST_CASE(with_a_delay_open_connections_go_on_for_just_that_long) {  // LIFE-12
  config::LoadBalancer balancer = kept_address_balancer();
  balancer.groups[0].deregistration_delay = seconds(30);
  Scene scene(balancer);
  const net::FlowKey seen = scene.connect(port(1000), kOperatedWeb);
  balancer.groups[0].servers[0].weight = 0;
  scene.node.reconfigure(balancer, OpenConnections::as_configured, after(seconds(5)));
  scene.run_to(after(seconds(35)) - Duration(1));
  const Bytes data =
      scene.pass(tcp(port(1000), kOperatedWeb, {flag::ack, kClientNext, kServerNext, 9}),
                 after(seconds(35)) - Duration(1));
  BOOST_TEST((Parsed(data).flow == seen));
  scene.run_to(after(seconds(35)));
  BOOST_TEST(scene.basket.packets.size() == 2u);
  BOOST_TEST(scene.node.gauges().established == 0u);
}

BOOST_AUTO_TEST_CASE(a_server_that_comes_back_in_time_keeps_its_connections) {
  config::LoadBalancer balancer = kept_address_balancer();
  balancer.groups[0].deregistration_delay = seconds(30);
  Scene scene(balancer);
  scene.connect(port(1000), kOperatedWeb);
  balancer.groups[0].servers[0].member = false;
  scene.node.reconfigure(balancer, OpenConnections::as_configured, after(seconds(5)));
  balancer.groups[0].servers[0].member = true;
  scene.node.reconfigure(balancer, OpenConnections::as_configured, after(seconds(20)));
  scene.run_to(after(seconds(60)));
  BOOST_TEST(scene.basket.packets.empty());
  BOOST_TEST(scene.node.gauges().established == 1u);
}

BOOST_AUTO_TEST_CASE(connections_that_are_to_be_kept_are_not_cut) {  // LIFE-13
  config::LoadBalancer balancer = kept_address_balancer();
  Scene scene(balancer);
  scene.connect(port(1000), kOperatedWeb);
  balancer.groups[0].servers[0].weight = 0;
  scene.node.reconfigure(balancer, OpenConnections::kept, after(seconds(5)));
  // What another operation changes later does not cut them either.
  balancer.groups[0].servers[1].weight = 5;
  scene.node.reconfigure(balancer, OpenConnections::as_configured, after(seconds(6)));
  scene.run_to(after(seconds(60)));
  BOOST_TEST(scene.basket.packets.empty());
  BOOST_TEST(scene.node.gauges().established == 1u);
}

BOOST_AUTO_TEST_CASE(datagrams_and_handshakes_of_a_removed_server_end_without_a_reset) {
  config::LoadBalancer balancer = kept_address_balancer();
  Scene scene(balancer);
  scene.pass(udp(port(1000), kOperatedDns, 10));
  scene.pass(tcp(port(1001), kOperatedWeb, {flag::syn, 1}));
  for (auto& group : balancer.groups) group.servers[0].member = false;
  scene.node.reconfigure(balancer, OpenConnections::as_configured, after(seconds(1)));
  scene.run_to(after(seconds(1)));
  BOOST_TEST(scene.basket.packets.empty());
  BOOST_TEST(scene.notebook.connections.size() == 2u);
  // The next packet goes to the other server.
  const Bytes again = scene.pass(tcp(port(1001), kOperatedWeb, {flag::syn, 1}), after(seconds(1)));
  BOOST_TEST((Parsed(again).flow.destination.address == ip("10.0.2.2")));
}

BOOST_AUTO_TEST_CASE(a_shorter_idle_timeout_holds_for_open_connections_too) {
  config::LoadBalancer balancer = kept_address_balancer();
  Scene scene(balancer);
  scene.connect(port(1000), kOperatedWeb);                      // idle since 0 s
  scene.connect(port(1001), kOperatedWeb, after(seconds(95)));  // since 95 s
  balancer.listeners[0].idle_timeout = seconds(10);
  scene.node.reconfigure(balancer, OpenConnections::as_configured, after(seconds(100)));
  scene.run_to(after(seconds(100)));
  BOOST_TEST(scene.node.gauges().established == 1u);
  scene.run_to(after(seconds(105)) - Duration(1));
  BOOST_TEST(scene.node.gauges().established == 1u);
  scene.run_to(after(seconds(105)));
  BOOST_TEST(scene.node.gauges().established == 0u);
  BOOST_REQUIRE_EQUAL(scene.notebook.connections.size(), 2u);
  BOOST_TEST((scene.notebook.connections[0].reason == Reason::idle_timeout));
  // A longer one likewise.
  scene.basket.packets.clear();
  scene.connect(port(1002), kOperatedWeb, after(seconds(106)));
  balancer.listeners[0].idle_timeout = seconds(100);
  scene.node.reconfigure(balancer, OpenConnections::as_configured, after(seconds(110)));
  scene.run_to(after(seconds(206)) - Duration(1));
  BOOST_TEST(scene.node.gauges().established == 1u);
  scene.run_to(after(seconds(206)));
  BOOST_TEST(scene.node.gauges().established == 0u);
}

BOOST_AUTO_TEST_CASE(switching_the_transfer_interrupts_for_ten_seconds) {  // SRC-05
  config::LoadBalancer balancer = full_nat_balancer();
  balancer.listeners[0].transfer_switches = true;
  Scene scene(balancer);
  const net::FlowKey seen = scene.connect(port(1000), kOperatedWeb);
  balancer.listeners[0].transfer_client_ip = true;
  scene.node.reconfigure(balancer, OpenConnections::as_configured, after(seconds(5)));
  const Instant last = after(seconds(15)) - Duration(1);
  const auto data = tcp(port(1000), kOperatedWeb, {flag::ack, kClientNext, kServerNext, 9});
  const auto answer = tcp(seen.destination, seen.source, {flag::ack, kServerNext, kClientNext, 9});
  for (const Bytes& packet : {data, answer, tcp(port(1001), kOperatedWeb, {flag::syn, 1})}) {
    BOOST_TEST(scene.pass(packet, last).empty());
  }
  BOOST_TEST(scene.dropped(Reason::transfer_switched) == 3u);
  // The other listener goes on.
  BOOST_TEST(!scene.pass(udp(port(1000), kOperatedDns, 10), last).empty());
  // Then: what was open as it began, what is new with the client's address.
  const Instant then = after(seconds(15));
  BOOST_TEST((Parsed(scene.pass(data, then)).flow == seen));
  const net::FlowKey kept = scene.connect(port(1001), kOperatedWeb, then);
  BOOST_TEST((kept.source == port(1001)));
  BOOST_TEST((Parsed(scene.pass(answer, then)).flow.destination == port(1000)));
  BOOST_TEST(scene.counters().conserved());
  // And back.
  balancer.listeners[0].transfer_client_ip = false;
  scene.node.reconfigure(balancer, OpenConnections::as_configured, after(seconds(20)));
  const net::FlowKey again = scene.connect(port(1002), kOperatedWeb, after(seconds(30)));
  BOOST_TEST((again.source.address != port(1002).address));
}

BOOST_AUTO_TEST_CASE(a_new_access_list_holds_for_new_connections) {
  config::LoadBalancer balancer = kept_address_balancer();
  Scene scene(balancer);
  const net::FlowKey seen = scene.connect(port(1000), kOperatedWeb);
  balancer.listeners[0].access = config::AccessControl{config::AccessControl::Kind::blacklist,
                                                       {*net::Subnet::parse("203.0.113.0/24")}};
  scene.node.reconfigure(balancer, OpenConnections::as_configured, after(seconds(1)));
  BOOST_TEST(scene.pass(tcp(port(1001), kOperatedWeb, {flag::syn, 1}), after(seconds(1))).empty());
  BOOST_TEST(scene.dropped(Reason::access_control) == 1u);
  const Bytes data = scene.pass(
      tcp(port(1000), kOperatedWeb, {flag::ack, kClientNext, kServerNext, 9}), after(seconds(1)));
  BOOST_TEST((Parsed(data).flow == seen));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::forwarding
