// QUIC groups (SCH-02, STK-22): datagrams with real headers through a whole balancer, whose servers
// give out the connection IDs that it learns.
#include <boost/test/unit_test.hpp>
#include <map>
#include <set>

#include "models/random/stream.hpp"
#include "tests/forwarding/scene.hpp"
#include "tests/net/quic_datagrams.hpp"

namespace elblab::forwarding {

using std::chrono::seconds;
using telemetry::EventKind;
using telemetry::Reason;

namespace {

using quic::kVersion1;
using quic::long_datagram;
using quic::short_datagram;

const net::Endpoint kQuic = at(kVirtual, 443);
constexpr std::size_t kServers = 4;

net::Endpoint server_number(std::size_t number) {
  return {net::IpAddress::v4(10, 0, 2, static_cast<std::uint8_t>(number + 1)), 443};
}

net::Endpoint client_number(std::uint32_t number, std::uint16_t port = 5000) {
  return {net::IpAddress::v4(0xCB007100u + number), port};
}

config::LoadBalancer quic_balancer(config::ConnectionIds ids = {}, unsigned nodes = 1) {
  config::LoadBalancer balancer = kept_address_balancer();
  balancer.nodes.lvs = nodes;
  balancer.address_v6.reset();
  balancer.groups.resize(1);
  config::BackendGroup& group = balancer.groups[0];
  group.protocol = config::BackendProtocol::quic;
  group.algorithm = config::Algorithm::connection_id;
  group.connection_ids = ids;
  group.servers.clear();
  for (std::size_t s = 0; s < kServers; ++s) {
    config::Server server;
    server.name = "b" + std::to_string(s + 1);
    server.address = server_number(s).address;
    server.port = 443;
    group.servers.push_back(server);
  }
  balancer.listeners.resize(1);
  balancer.listeners[0].protocol = config::ListenerProtocol::udp;
  balancer.listeners[0].port = {443, 443};
  balancer.listeners[0].group = group.name;
  return balancer;
}

Bytes random_id(random::Stream& random, std::size_t bytes) {
  Bytes id(bytes);
  for (std::uint8_t& byte : id) byte = static_cast<std::uint8_t>(random.next());
  return id;
}

// A balancer with clients and servers around it that speak as much QUIC as it looks at.
class QuicScene {
 public:
  explicit QuicScene(const config::LoadBalancer& config)
      : routed(config, std::vector<telemetry::ObjectId>(config.nodes.lvs, 1),
               {{*net::Subnet::parse("0.0.0.0/0"), 0}}, 1, notebook) {}

  // Where a client's datagram went; nullopt: it was dropped.
  std::optional<std::size_t> ask(const net::Endpoint& client, const Bytes& datagram,
                                 Instant now = kStart) {
    basket.packets.clear();
    Bytes packet = udp(client, kQuic, datagram);
    routed.receive(packet, now, basket);
    if (basket.packets.empty()) return std::nullopt;
    seen = Parsed(basket.only());
    BOOST_REQUIRE(seen->sound);
    const auto payload = seen->view.payload();
    BOOST_REQUIRE((Bytes(payload.begin(), payload.end()) == datagram));
    return seen->flow.destination.address.bytes()[15] - 1u;
  }
  // The server that saw the last datagram answers it; nothing is changed but the endpoints.
  void answer(const Bytes& datagram, Instant now = kStart) {
    Bytes packet = udp(seen->flow.destination, seen->flow.source, datagram);
    basket.packets.clear();
    routed.receive(packet, now, basket);
    const Parsed out(basket.only());
    BOOST_REQUIRE(out.sound);
    BOOST_REQUIRE((out.flow.source == kQuic));
  }
  struct Connection {
    std::size_t server = 0;
    Bytes id;
  };
  Connection connect(const net::Endpoint& client, std::size_t id_bytes = 8) {
    const Bytes own = random_id(random, 8);
    const auto server = ask(client, long_datagram(kVersion1, random_id(random, 8), own));
    Connection made{server.value(), random_id(random, id_bytes)};
    answer(long_datagram(kVersion1, own, made.id));
    return made;
  }
  Balancer::ConnectionIds ids() const { return routed.balancer.connection_ids(0); }

  random::Stream random{1, "quic"};
  Notebook notebook;
  Basket basket;
  RoutedBalancer routed;
  std::optional<Parsed> seen;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(connection_ids_of_a_balancer)

// IMB-16, with either way of reaching servers.
BOOST_AUTO_TEST_CASE(a_client_that_changes_its_address_stays_on_its_server) {
  config::LoadBalancer kept = quic_balancer();
  config::LoadBalancer full_nat = quic_balancer();
  full_nat.ip_as_backend = true;
  full_nat.backend_subnet = *net::Subnet::parse("10.0.9.0/24");
  for (const config::LoadBalancer& config : {kept, full_nat}) {
    QuicScene scene(config);
    config::LoadBalancer plain = config;
    plain.groups[0].protocol = config::BackendProtocol::udp;
    plain.groups[0].algorithm = config::Algorithm::source_ip_hash;
    plain.groups[0].connection_ids.reset();
    QuicScene by_hash(plain);
    int moves = 0;
    int would_move = 0;
    for (std::uint32_t i = 0; i < 50; ++i) {
      const auto made = scene.connect(client_number(i));
      for (std::uint32_t move = 1; move <= 4; ++move, ++moves) {
        const net::Endpoint moved = client_number(100 + i * 4 + move);
        BOOST_REQUIRE_EQUAL(scene.ask(moved, short_datagram(made.id)).value(), made.server);
        if (by_hash.ask(moved, short_datagram(made.id)) != made.server) ++would_move;
      }
    }
    BOOST_TEST(scene.ids().flows_by_id == static_cast<std::uint64_t>(moves));
    BOOST_TEST(scene.ids().known == 50u);
    BOOST_TEST(would_move > moves / 2);
    std::size_t told = 0;
    for (const telemetry::Event& event : scene.notebook.events) {
      if (event.kind == EventKind::scheduler_decision && event.reason == Reason::connection_id) {
        ++told;
      }
    }
    BOOST_TEST(told == static_cast<std::size_t>(moves));
  }
}

// ECMP may lead the new address to another node: with one table for all it does not matter.
BOOST_AUTO_TEST_CASE(the_nodes_of_a_balancer_share_a_table_or_have_one_each) {
  for (const auto table : {config::TableScope::shared, config::TableScope::per_node}) {
    config::ConnectionIds ids;
    ids.table = table;
    QuicScene scene(quic_balancer(ids, 4));
    std::size_t moved = 0;
    for (std::uint32_t i = 0; i < 60; ++i) {
      const auto made = scene.connect(client_number(i));
      if (scene.ask(client_number(100 + i), short_datagram(made.id)) != made.server) ++moved;
    }
    const std::uint64_t capacity = config::ConnectionIds{}.capacity;
    if (table == config::TableScope::shared) {
      BOOST_TEST(moved == 0u);
      BOOST_TEST(scene.ids().capacity == capacity);
    } else {
      // Three of four come to another node, of which three of four go to another server: 34.
      BOOST_TEST(moved > 15u);
      BOOST_TEST(scene.ids().capacity == 4 * capacity);
    }
  }
}

// A NAT box gives the port of one client, whose binding lives, to another one.
BOOST_AUTO_TEST_CASE(the_ID_of_a_datagram_counts_more_than_the_binding_of_its_flow) {
  QuicScene scene(quic_balancer());
  const net::Endpoint shared = client_number(1);
  const auto first = scene.connect(shared);
  auto second = scene.connect(client_number(2));
  for (std::uint32_t i = 3; second.server == first.server; ++i) {
    second = scene.connect(client_number(i));
  }
  BOOST_TEST(scene.ask(shared, short_datagram(second.id)).value() == second.server);
  BOOST_TEST((scene.notebook.connections.back().reason == Reason::replaced));
  scene.answer(short_datagram(Bytes{1, 2, 3}));
  BOOST_TEST(scene.ask(shared, short_datagram(first.id)).value() == first.server);
  // Nothing that is known: it stays with its flow.
  BOOST_TEST(scene.ask(shared, short_datagram(random_id(scene.random, 8))).value() == first.server);
  BOOST_TEST(scene.ask(shared, Bytes{0x16, 0xFE, 0xFD}).value() == first.server);
}

// RFC 9000 section 6: what a balancer does not know it does not judge.
BOOST_AUTO_TEST_CASE(negotiations_unknown_versions_and_other_things_pass_both_ways) {
  QuicScene scene(quic_balancer());
  const Bytes own{9, 9, 9};
  const Bytes datagrams[] = {long_datagram(0xFACEB00C, random_id(scene.random, 8), own),
                             long_datagram(0, random_id(scene.random, 8), own),
                             long_datagram(0x6B3343CF, random_id(scene.random, 20), {}),
                             short_datagram(random_id(scene.random, 8)),
                             {0x80},
                             {0x40},
                             {},
                             {0xC3, 0, 0, 0, 1, 255}};
  std::uint32_t client = 0;
  for (const Bytes& datagram : datagrams) {
    const net::Endpoint from = client_number(++client);
    const auto server = scene.ask(from, datagram);
    BOOST_REQUIRE(server.has_value());
    scene.answer(datagram);
    scene.answer(long_datagram(0, own, random_id(scene.random, 8)));
    BOOST_TEST((scene.ask(from, datagram) == server));
  }
  // What repeats a client's ID, or is no answer of version 1, teaches nothing; an unknown version
  // gives out an ID as every other does (RFC 8999).
  BOOST_TEST(scene.ids().flows_by_id == 0u);
}

BOOST_AUTO_TEST_CASE(a_connection_leaves_a_server_that_takes_no_more) {
  const config::LoadBalancer config = quic_balancer();
  QuicScene scene(config);
  const auto made = scene.connect(client_number(1));
  config::LoadBalancer changed = config;
  changed.groups[0].servers[made.server].weight = 0;
  scene.routed.balancer.reconfigure(changed, OpenConnections::as_configured, kStart);
  scene.routed.balancer.advance(kStart, scene.basket);
  const auto other = scene.ask(client_number(2), short_datagram(made.id));
  BOOST_TEST((other && *other != made.server));
  // Not even on its own flow, which was cut (LIFE-11).
  const auto at_home = scene.ask(client_number(1), short_datagram(made.id));
  BOOST_TEST((at_home && *at_home != made.server));
}

// STK-22: stickiness by address is for the first datagrams, and for what carries no known ID.
BOOST_AUTO_TEST_CASE(stickiness_by_address_comes_after_the_ID) {
  config::LoadBalancer config = quic_balancer();
  config.groups[0].stickiness = config::Stickiness{};
  QuicScene scene(config);
  const auto first = scene.connect(client_number(1));
  auto second = scene.connect(client_number(2));
  for (std::uint32_t i = 3; second.server == first.server; ++i) {
    second = scene.connect(client_number(i));
  }
  const auto kept = [&] { return scene.routed.balancer.stickiness(0).counts.kept; };
  BOOST_TEST(kept() == 0u);
  // The first client's address, another port: bound, but the ID is another server's.
  BOOST_TEST(scene.ask(client_number(1, 5001), short_datagram(second.id)).value() == second.server);
  BOOST_TEST(kept() == 0u);
  BOOST_TEST(scene.ask(client_number(1, 5002), Bytes{0x16}).value() == first.server);
  BOOST_TEST(kept() == 1u);
}

BOOST_AUTO_TEST_CASE(with_IDs_of_another_length_all_goes_by_the_address) {
  for (const std::uint8_t length : {std::uint8_t{0}, std::uint8_t{4}, std::uint8_t{20}}) {
    config::ConnectionIds ids;
    ids.length = length;
    QuicScene scene(quic_balancer(ids));
    std::size_t moved = 0;
    for (std::uint32_t i = 0; i < 40; ++i) {
      const auto made = scene.connect(client_number(i));
      if (scene.ask(client_number(100 + i), short_datagram(made.id)) != made.server) ++moved;
    }
    BOOST_TEST(moved > 20u);
    BOOST_TEST(scene.ids().known == 0u);
    BOOST_TEST(scene.ids().capacity == (length == 0 ? 0u : config::ConnectionIds{}.capacity));
  }
}

// IDs of every length, new ones with every packet, from clients and out of servers' mouths.
BOOST_AUTO_TEST_CASE(hostile_IDs_keep_memory_bounded_and_push_nobody_out) {
  config::ConnectionIds ids;
  ids.capacity = 64;
  config::LoadBalancer config = quic_balancer(ids);
  config.connection_limit = 2000;
  QuicScene scene(config);
  std::vector<QuicScene::Connection> users;
  for (std::uint32_t i = 0; i < 8; ++i) {
    users.push_back(scene.connect(client_number(i)));
    scene.ask(client_number(i), short_datagram(users.back().id));
  }
  const Forwarder& node = scene.routed.balancer.node(0);
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    const net::Endpoint from = client_number(1000 + i % 500, static_cast<std::uint16_t>(i));
    const std::size_t length = i % 3 == 0 ? 0 : i % 3 == 1 ? 20 : scene.random.below(21);
    const Bytes id = random_id(scene.random, length);
    const Bytes asked = scene.random.chance(0.5) ? short_datagram(id) : long_datagram(1, id, id);
    if (!scene.ask(from, asked)) continue;
    if (scene.random.chance(0.5)) scene.answer(long_datagram(1, id, random_id(scene.random, 8)));
    BOOST_REQUIRE_LE(scene.ids().known, 64u);
  }
  BOOST_TEST(node.connection_ids(0).table->memory_bytes() <= 64u * 86u);  // as its header says
  BOOST_TEST(node.gauges().all() <= 2000u);
  for (const auto& user : users) {
    BOOST_TEST(node.connection_ids(0).table->holder(user.id).value() == user.server);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::forwarding
