// Who gets a connection, as a node sees it: what counts as a connection, which address is hashed,
// and what several nodes have in common. The algorithms themselves: tests/scheduling.
#include <boost/test/unit_test.hpp>
#include <map>
#include <set>

#include "models/scheduling/disruption.hpp"
#include "models/scheduling/slot_table.hpp"
#include "tests/forwarding/scene.hpp"

namespace elblab::forwarding {
namespace {

using config::Algorithm;
using std::chrono::seconds;

const net::Endpoint kWeb = at(kVirtual, 80);

config::LoadBalancer scheduling_by(Algorithm algorithm,
                                   std::vector<std::uint8_t> weights = {1, 1}) {
  config::LoadBalancer balancer = kept_address_balancer();
  for (config::BackendGroup& group : balancer.groups) {
    group.algorithm = algorithm;
    for (std::size_t s = 0; s < group.servers.size(); ++s) {
      group.servers[s].weight = weights[s % weights.size()];
    }
  }
  return balancer;
}

net::Endpoint client_port(std::uint16_t port) { return at(kClient, port); }

net::IpAddress client_number(std::uint32_t number) {
  return net::IpAddress::v4(0xCB007100u + number % 250 + 1 + ((number / 250) << 8));
}

struct Opened {
  net::Endpoint client;
  net::FlowKey seen;  // by the server
};

Opened open_from(Scene& scene, std::uint16_t port, Instant now = kStart) {
  return {client_port(port), scene.connect(client_port(port), kWeb, now)};
}

void reset_by_server(Scene& scene, const Opened& connection) {
  scene.pass(tcp(connection.seen.destination, connection.seen.source, {flag::rst, kServerNext}));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(scheduling_of_connections)

// SCH-05: the count goes by what is open, whoever was scheduled before.
BOOST_AUTO_TEST_CASE(least_connections_fills_up_the_server_whose_connections_ended) {
  Scene scene(scheduling_by(Algorithm::weighted_least_connections));
  std::map<net::Endpoint, std::vector<Opened>> of;
  for (std::uint16_t port = 1000; port < 1020; ++port) {
    const Opened opened = open_from(scene, port);
    of[opened.seen.destination].push_back(opened);
  }
  const net::Endpoint b1 = at("10.0.2.1", 90);
  const net::Endpoint b2 = at("10.0.2.2", 90);
  BOOST_TEST(of[b1].size() == 10u);
  BOOST_TEST(of[b2].size() == 10u);
  for (int i = 0; i < 6; ++i) reset_by_server(scene, of[b1][static_cast<std::size_t>(i)]);
  for (std::uint16_t port = 2000; port < 2006; ++port) {
    BOOST_TEST((open_from(scene, port).seen.destination == b1));
  }
}

// A burst of SYNs that nobody has answered: waiting for the answer is a connection already.
BOOST_AUTO_TEST_CASE(least_connections_counts_from_the_first_packet) {
  Scene scene(scheduling_by(Algorithm::weighted_least_connections, {3, 1}));
  std::map<net::Endpoint, int> syns;
  for (std::uint16_t port = 1000; port < 1040; ++port) {
    ++syns[Parsed(scene.pass(tcp(client_port(port), kWeb, {flag::syn}))).flow.destination];
  }
  BOOST_TEST(syns[at("10.0.2.1", 90)] == 30);
  BOOST_TEST(syns[at("10.0.2.2", 90)] == 10);
}

// A connection that is over is none, though its binding stays for stragglers. So a server that
// resets everything at once always has the fewest, and draws the connections that others would have
// served.
BOOST_AUTO_TEST_CASE(least_connections_does_not_count_bindings_of_connections_that_are_over) {
  Scene scene(scheduling_by(Algorithm::weighted_least_connections));
  for (std::uint16_t port = 1000; port < 1010; ++port) open_from(scene, port);
  int reset = 0;
  for (std::uint16_t port = 2000; port < 2050; ++port) {
    const Opened opened = open_from(scene, port);
    if (opened.seen.destination == at("10.0.2.1", 90)) {
      reset_by_server(scene, opened);
      ++reset;
    }
  }
  BOOST_TEST(reset >= 48);  // the other one got its share of ties at most
  BOOST_TEST(scene.node.active_connections(0, 0) >= 48u);  // the bindings are there
}

// However bindings end, by timers, by resets, by FINs or in the middle: nothing is counted twice.
BOOST_AUTO_TEST_CASE(least_connections_is_even_again_after_connections_ended_in_every_way) {
  Scene scene(scheduling_by(Algorithm::weighted_least_connections));
  for (std::uint16_t port = 1000; port < 1040; ++port) {
    const Opened opened = open_from(scene, port);
    const net::FlowKey& seen = opened.seen;
    if (port % 4 == 0) reset_by_server(scene, opened);
    if (port % 4 == 1) {
      scene.pass(tcp(opened.client, kWeb, {flag::fin, kClientNext, kServerNext}));
      scene.pass(tcp(seen.destination, seen.source, {flag::fin, kServerNext, kClientNext + 1}));
      scene.pass(tcp(opened.client, kWeb, {flag::ack, kClientNext + 1, kServerNext + 1}));
    }
    if (port % 4 == 2) scene.pass(udp(opened.client, at(kVirtual, 53), 5));
  }
  const Opened again = open_from(scene, 1000);  // its binding was closed, and makes way
  BOOST_TEST(!again.seen.destination.address.is_unspecified());
  scene.run_to(after(seconds(8000)));
  scene.basket.packets.clear();  // resets of those that were idle
  BOOST_TEST(scene.node.gauges().all() == 0u);
  std::map<net::Endpoint, int> then;
  for (std::uint16_t port = 3000; port < 3040; ++port) {
    ++then[open_from(scene, port, after(seconds(8000))).seen.destination];
  }
  BOOST_TEST(then[at("10.0.2.1", 90)] == 20);
  BOOST_TEST(then[at("10.0.2.2", 90)] == 20);
}

// SCH-06: whatever port, listener or protocol it comes by. (Each group lists the same servers.)
BOOST_AUTO_TEST_CASE(source_hash_sends_one_address_to_one_server) {
  Scene scene(scheduling_by(Algorithm::source_ip_hash));
  std::set<net::IpAddress> servers;
  for (std::uint32_t number = 0; number < 200; ++number) {
    const net::IpAddress client = client_number(number);
    std::set<net::IpAddress> of_client;
    for (std::uint16_t port = 1000; port < 1004; ++port) {
      const net::Endpoint from{client, port};
      of_client.insert(Parsed(scene.pass(tcp(from, kWeb, {flag::syn}))).flow.destination.address);
      of_client.insert(Parsed(scene.pass(udp(from, at(kVirtual, 53), 5))).flow.destination.address);
    }
    BOOST_REQUIRE_EQUAL(of_client.size(), 1u);
    servers.insert(*of_client.begin());
  }
  BOOST_TEST(servers.size() == 2u);
}

BOOST_AUTO_TEST_CASE(source_hash_serves_each_address_family_by_its_own_servers) {  // FWD-19
  Scene scene(scheduling_by(Algorithm::source_ip_hash));
  std::set<net::IpAddress> servers;
  for (std::uint64_t number = 1; number <= 100; ++number) {
    const net::Endpoint from{ip("2001:db8:c::").plus(number), 1000};
    const Parsed seen(scene.pass(tcp(from, at("2001:db8:f::10", 80), {flag::syn})));
    servers.insert(seen.flow.destination.address);
  }
  BOOST_TEST((servers == std::set{ip("2001:db8:b::1"), ip("2001:db8:b::2")}));
}

// SCH-07, OPEN-07, IMB-10.
BOOST_AUTO_TEST_CASE(source_hash_takes_no_notice_of_weights_but_of_zero) {
  Scene equal(scheduling_by(Algorithm::source_ip_hash));
  Scene weighted(scheduling_by(Algorithm::source_ip_hash, {100, 1}));
  BOOST_TEST(int{weighted.node.effective_weight(0, 0)} == 1);
  BOOST_TEST(int{weighted.node.effective_weight(0, 1)} == 1);
  for (std::uint32_t number = 0; number < 100; ++number) {
    const Bytes syn = tcp({client_number(number), 1000}, kWeb, {flag::syn});
    BOOST_REQUIRE((Parsed(equal.pass(syn)).flow == Parsed(weighted.pass(syn)).flow));
  }
  weighted.node.reconfigure(scheduling_by(Algorithm::source_ip_hash, {0, 1}), OpenConnections::kept,
                            kStart);
  BOOST_TEST(int{weighted.node.effective_weight(0, 0)} == 0);
  for (std::uint32_t number = 0; number < 100; ++number) {
    const Bytes syn = tcp({client_number(number), 2000}, kWeb, {flag::syn});
    BOOST_REQUIRE((Parsed(weighted.pass(syn)).flow.destination == at("10.0.2.2", 90)));
  }
}

// The nodes' own hashes are seeded apart; this one is not: a client whose connections go to
// different nodes has one server all the same (GEN-04).
BOOST_AUTO_TEST_CASE(source_hash_agrees_on_all_nodes) {
  config::LoadBalancer balancer = scheduling_by(Algorithm::source_ip_hash);
  balancer.nodes.lvs = 4;
  Notebook notebook;
  Basket basket;
  RoutedBalancer routed(balancer, {100, 101, 102, 103}, {{*net::Subnet::parse("0.0.0.0/0"), 1}}, 7,
                        notebook);
  std::map<net::IpAddress, std::set<net::IpAddress>> servers_of;
  for (std::uint32_t number = 0; number < 50; ++number) {
    for (std::uint16_t port = 1000; port < 1020; ++port) {
      Bytes packet = tcp({client_number(number), port}, kWeb, {flag::syn});
      routed.receive(packet, kStart, basket);
      const Parsed seen(basket.only());
      servers_of[client_number(number)].insert(seen.flow.destination.address);
    }
  }
  for (const auto& [client, servers] : servers_of) BOOST_TEST(servers.size() == 1u);
  for (std::size_t node = 0; node < 4; ++node) {
    BOOST_TEST(routed.balancer.node(node).gauges().all() > 0u);
  }
}

// CON-27: as many clients of the servers that stay move as were counted beforehand, whichever
// table.
BOOST_AUTO_TEST_CASE(source_hash_moves_the_clients_that_it_said_it_would) {
  for (const auto kind : {config::SourceHash::Kind::consistent, config::SourceHash::Kind::table}) {
    config::LoadBalancer balancer = scheduling_by(Algorithm::source_ip_hash);
    config::BackendGroup& app = balancer.groups[0];
    app.source_hash = config::SourceHash{kind, 5};
    app.servers.clear();
    std::vector<scheduling::ServerKey> keys;
    for (std::uint8_t s = 1; s <= 10; ++s) {
      const std::string name = "app" + std::to_string(s);
      app.servers.push_back({name, net::IpAddress::v4(10, 0, 2, s), 90, 1, false});
      keys.push_back(scheduling::server_key(name));
    }
    Scene scene(balancer);
    std::vector<net::IpAddress> clients;
    std::vector<net::IpAddress> before;
    const auto server_of = [&](const net::IpAddress& client, std::uint16_t port) {
      return Parsed(scene.pass(tcp({client, port}, kWeb, {flag::syn}))).flow.destination.address;
    };
    for (std::uint32_t number = 0; number < 2000; ++number) {
      clients.push_back(client_number(number));
      before.push_back(server_of(clients.back(), 1000));
    }
    scene.node.set_server_eligible(0, 3, scheduling::Owner::health, false);
    std::size_t left = 0;
    std::size_t moved = 0;
    for (std::size_t i = 0; i < clients.size(); ++i) {
      const bool of_removed = before[i] == ip("10.0.2.4");
      const bool same = server_of(clients[i], 2000) == before[i];
      BOOST_REQUIRE(!(of_removed && same));
      if (of_removed) ++left;
      if (!of_removed && !same) ++moved;
    }
    const auto foretold = scheduling::disruption_by_removing(3, keys, *app.source_hash, clients);
    BOOST_TEST(left == foretold.clients_of_removed);
    BOOST_TEST(moved == foretold.clients_moved);
    scene.node.set_server_eligible(0, 3, scheduling::Owner::health, true);
    for (std::size_t i = 0; i < clients.size(); ++i) {
      BOOST_REQUIRE((server_of(clients[i], 3000) == before[i]));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::forwarding
