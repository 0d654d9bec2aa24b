// What a node tells of its decisions, to whoever asks (telemetry::DecisionRecord).
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <span>

#include "models/random/stream.hpp"
#include "tests/forwarding/scene.hpp"

namespace elblab::forwarding {

using telemetry::DecisionGround;
using telemetry::DecisionRecord;
using telemetry::ServerOwner;

namespace {

constexpr telemetry::ObjectId kNode = 7;
constexpr telemetry::ObjectId kFirstServer = 100;
const net::Endpoint kWeb = at(kVirtual, 80);

config::LoadBalancer balancer_of(std::size_t servers, config::Algorithm algorithm) {
  config::LoadBalancer balancer = kept_address_balancer();
  balancer.nodes.lvs = 1;
  balancer.address_v6.reset();
  balancer.groups.resize(1);
  balancer.listeners.resize(1);
  config::BackendGroup& group = balancer.groups[0];
  group.algorithm = algorithm;
  group.servers.clear();
  for (std::size_t s = 0; s < servers; ++s) {
    config::Server server;
    server.name = "b" + std::to_string(s + 1);
    server.address = net::IpAddress::v4(static_cast<std::uint32_t>(0x0A000200 + s));
    server.port = 90;
    server.weight = static_cast<std::uint8_t>(1 + s % 7);
    group.servers.push_back(server);
  }
  return balancer;
}

struct Watched {
  explicit Watched(const config::LoadBalancer& config, bool asks = true)
      : notebook(asking(asks)),
        node(config, {0, 0, kNode, 1, {}, nullptr, nullptr}, notebook, names(config)) {}
  static Notebook asking(bool asks) {
    Notebook made;
    made.asks_for_decisions = asks;
    return made;
  }
  static std::vector<std::vector<telemetry::ObjectId>> names(const config::LoadBalancer& config) {
    std::vector<telemetry::ObjectId> of_group;
    for (std::size_t s = 0; s < config.groups[0].servers.size(); ++s) {
      of_group.push_back(kFirstServer + static_cast<telemetry::ObjectId>(s));
    }
    return {of_group};
  }
  void connect(std::uint16_t port, std::uint32_t client = 7) {
    Bytes syn = tcp({net::IpAddress::v4(0xCB007100u + client), port}, kWeb, {flag::syn, 1});
    node.receive(syn, kStart + std::chrono::milliseconds(port), basket);
  }

  Notebook notebook;
  Basket basket;
  Forwarder node;
};

std::span<const telemetry::WeighedServer> kept(const DecisionRecord& decision) {
  return std::span(decision.weighed).first(decision.kept);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(decisions_of_a_node)

BOOST_AUTO_TEST_CASE(come_before_their_event_and_name_flow_time_node_and_servers) {
  Watched watched(balancer_of(3, config::Algorithm::weighted_least_connections));
  for (std::uint16_t port = 1; port <= 30; ++port) watched.connect(port);
  const auto& decisions = watched.notebook.decisions;
  BOOST_REQUIRE_EQUAL(decisions.size(), 30u);
  std::vector<std::uint32_t> open(3, 0);
  std::size_t told = 0;
  for (const telemetry::Event& event : watched.notebook.events) {
    if (event.kind != telemetry::EventKind::scheduler_decision) continue;
    const DecisionRecord& decision = decisions[told++];
    BOOST_TEST(decision.object == kNode);
    BOOST_TEST((decision.at == event.at));
    BOOST_TEST((decision.flow == event.flow));
    BOOST_TEST(decision.chosen == event.peer);
    BOOST_TEST(decision.servers == 3u);
    BOOST_TEST(decision.usable == 3u);
    BOOST_REQUIRE_EQUAL(decision.kept, 3u);
    for (std::size_t s = 0; s < 3; ++s) {
      BOOST_TEST(decision.weighed[s].server == kFirstServer + s);
      BOOST_TEST(decision.weighed[s].weight == 1 + s);
      BOOST_TEST(decision.weighed[s].active_connections == open[s]);
    }
    ++open[decision.chosen - kFirstServer];
  }
  BOOST_TEST(told == 30u);
}

BOOST_AUTO_TEST_CASE(say_who_keeps_a_server_out_and_that_nobody_was_left) {
  Watched watched(balancer_of(2, config::Algorithm::weighted_round_robin));
  watched.node.set_server_eligible(0, 1, scheduling::Owner::health, false);
  watched.connect(1);
  watched.node.set_server_eligible(0, 0, scheduling::Owner::operator_hand, false);
  watched.connect(2);
  const auto& decisions = watched.notebook.decisions;
  BOOST_REQUIRE_EQUAL(decisions.size(), 2u);
  const auto bit = [](ServerOwner owner) { return 1u << static_cast<unsigned>(owner); };
  BOOST_TEST(decisions[0].chosen == kFirstServer);
  BOOST_TEST(decisions[0].usable == 1u);
  BOOST_TEST(decisions[0].weighed[1].kept_out_by == bit(ServerOwner::health));
  BOOST_TEST(decisions[1].chosen == 0u);
  BOOST_TEST((decisions[1].ground == DecisionGround::nobody_usable));
  BOOST_TEST(decisions[1].weighed[0].kept_out_by == bit(ServerOwner::operator_hand));
}

// The winner can be worked out again from what is kept, and nobody who is left out would beat it.
BOOST_AUTO_TEST_CASE(of_a_large_group_keep_the_servers_that_came_nearest) {
  const std::size_t servers = 40;
  for (const auto algorithm :
       {config::Algorithm::weighted_round_robin, config::Algorithm::weighted_least_connections}) {
    Watched watched(balancer_of(servers, algorithm));
    random::Stream random(1, "changes");
    std::vector<std::uint32_t> open(servers, 0);
    for (std::uint16_t port = 1; port <= 400; ++port) {
      if (random.chance(0.2)) {
        watched.node.set_server_eligible(0, random.below(servers), scheduling::Owner::health,
                                         random.chance(0.7));
      }
      watched.connect(port);
      const DecisionRecord& decision = watched.notebook.decisions.back();
      BOOST_REQUIRE_EQUAL(decision.servers, servers);
      BOOST_REQUIRE_EQUAL(decision.kept, telemetry::kMostWeighed);
      const auto nearest = kept(decision);
      BOOST_REQUIRE_EQUAL(nearest[0].server, decision.chosen);
      for (const telemetry::WeighedServer& each : nearest) {
        BOOST_REQUIRE_EQUAL(each.active_connections, open[each.server - kFirstServer]);
        if (!each.usable()) continue;
        if (decision.ground == DecisionGround::least_load) {
          BOOST_REQUIRE_LE(nearest[0].active_connections * each.weight,
                           each.active_connections * nearest[0].weight);
        } else if (each.credit) {
          BOOST_REQUIRE_GE(*nearest[0].credit, *each.credit);
        }
      }
      ++open[decision.chosen - kFirstServer];
    }
  }
}

// They choose the same servers, whoever is told.
BOOST_AUTO_TEST_CASE(of_a_large_group_are_told_only_where_they_are_sure_to_be_kept) {
  for (const auto algorithm :
       {config::Algorithm::weighted_round_robin, config::Algorithm::weighted_least_connections,
        config::Algorithm::source_ip_hash}) {
    for (const std::size_t servers :
         {DecisionTeller::kAlwaysTold, DecisionTeller::kAlwaysTold + 1}) {
      Watched watched(balancer_of(servers, algorithm));
      Watched unwatched(balancer_of(servers, algorithm), false);
      watched.notebook.first_unkept_port = 11;
      for (std::uint16_t port = 1; port <= 100; ++port) {
        watched.connect(port, port);
        unwatched.connect(port, port);
      }
      const auto& decisions = watched.notebook.decisions;
      BOOST_TEST(decisions.size() == (servers <= DecisionTeller::kAlwaysTold ? 100u : 10u));
      for (std::size_t s = 0; s < servers; ++s) {
        BOOST_REQUIRE_EQUAL(watched.node.scheduled_connections(0, s),
                            unwatched.node.scheduled_connections(0, s));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(are_told_after_the_algorithm_has_changed_too) {
  config::LoadBalancer config = balancer_of(3, config::Algorithm::weighted_round_robin);
  Watched watched(config);
  watched.connect(1);
  config.groups[0].algorithm = config::Algorithm::source_ip_hash;
  watched.node.reconfigure(config, OpenConnections::as_configured, kStart);
  watched.connect(2);
  config.groups[0].stickiness = config::Stickiness{};
  watched.node.reconfigure(config, OpenConnections::as_configured, kStart);
  watched.connect(3);
  watched.connect(4);
  const auto& decisions = watched.notebook.decisions;
  BOOST_REQUIRE_EQUAL(decisions.size(), 4u);
  BOOST_TEST((decisions[0].ground == DecisionGround::turn));
  BOOST_TEST((decisions[1].ground == DecisionGround::table_slot));
  BOOST_TEST(decisions[1].slot.has_value());
  BOOST_TEST((decisions[2].ground == DecisionGround::table_slot));
  BOOST_TEST((decisions[3].ground == DecisionGround::stickiness));
  BOOST_TEST(decisions[3].chosen == decisions[2].chosen);
}

BOOST_AUTO_TEST_CASE(are_the_same_whether_anybody_asks_or_not) {
  Watched asked(balancer_of(9, config::Algorithm::weighted_least_connections));
  Watched left_alone(balancer_of(9, config::Algorithm::weighted_least_connections), false);
  for (std::uint16_t port = 1; port <= 200; ++port) {
    asked.connect(port);
    left_alone.connect(port);
  }
  BOOST_TEST((asked.basket.packets == left_alone.basket.packets));
  BOOST_TEST(left_alone.notebook.decisions.empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::forwarding
