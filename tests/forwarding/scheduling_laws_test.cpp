// Laws that hold whatever the group: random servers, weights, zones of choice, K nodes, operations
// and traffic through a whole balancer, told apart by what is known of the configuration alone.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <map>
#include <numeric>

#include "models/random/stream.hpp"
#include "tests/forwarding/scene.hpp"

namespace elblab::forwarding {

using config::Algorithm;

namespace {

const net::Endpoint kWeb = at(kVirtual, 80);

struct Group {
  std::vector<bool> healthy;
  config::LoadBalancer config;

  config::BackendGroup& group() { return config.groups[0]; }
  std::size_t servers() { return group().servers.size(); }
  bool usable(std::size_t server) {
    const config::Server& s = group().servers[server];
    return healthy[server] && s.member && s.weight > 0;
  }
  unsigned weight_sum() {
    unsigned sum = 0;
    for (std::size_t s = 0; s < servers(); ++s) {
      if (usable(s)) sum += group().servers[s].weight;
    }
    return sum;
  }
};

Group random_group(random::Stream& random, Algorithm algorithm) {
  Group made;
  made.config = kept_address_balancer();
  made.config.nodes.lvs = 1 + static_cast<unsigned>(random.below(4));
  made.config.address_v6.reset();
  made.config.groups.resize(1);
  made.config.listeners.resize(1);
  config::BackendGroup& group = made.config.groups[0];
  group.algorithm = algorithm;
  group.servers.clear();
  const std::size_t servers = 1 + random.below(9);
  for (std::size_t s = 0; s < servers; ++s) {
    config::Server server;
    server.name = "b" + std::to_string(s + 1);
    server.address = net::IpAddress::v4(static_cast<std::uint32_t>(0x0A000201 + s));
    server.port = 90;
    server.weight = static_cast<std::uint8_t>(random.chance(0.15) ? 0 : 1 + random.below(100));
    group.servers.push_back(server);
  }
  made.healthy.assign(servers, true);
  return made;
}

class World {
 public:
  explicit World(Group& group)
      : group_(group),
        routed_(group.config, std::vector<telemetry::ObjectId>(group.config.nodes.lvs, 1),
                {{*net::Subnet::parse("0.0.0.0/0"), 0}}, 1, notebook_) {}

  // Something happens that changes who may be chosen; not always.
  void change(random::Stream& random) {
    const std::size_t server = random.below(group_.servers());
    if (random.chance(0.4)) {
      group_.healthy[server] = random.chance(0.6);
      for (std::size_t node = 0; node < routed_.balancer.nodes(); ++node) {
        routed_.balancer.node(node).set_server_eligible(0, server, scheduling::Owner::health,
                                                        group_.healthy[server]);
      }
      return;
    }
    config::Server& s = group_.group().servers[server];
    if (random.chance(0.3)) {
      s.member = !s.member;
    } else {
      s.weight = static_cast<std::uint8_t>(random.chance(0.2) ? 0 : 1 + random.below(100));
    }
    routed_.balancer.reconfigure(group_.config, OpenConnections::kept, kStart);
  }
  // Which server a new connection of the client goes to; nullopt: it is refused.
  std::optional<std::size_t> connect(const net::Endpoint& client) {
    basket_.packets.clear();
    Bytes syn = tcp(client, kWeb, {flag::syn, 1});
    routed_.receive(syn, kStart, basket_);
    const Parsed out(basket_.only());
    if ((out.view.tcp_flags() & flag::rst) != 0) return std::nullopt;
    return out.flow.destination.address.bytes()[15] - 1u;
  }

 private:
  Group& group_;
  Notebook notebook_;
  Basket basket_;
  RoutedBalancer routed_;
};

constexpr Algorithm kAlgorithms[] = {Algorithm::weighted_round_robin,
                                     Algorithm::weighted_least_connections,
                                     Algorithm::source_ip_hash};

// Ports that were not used yet, of clients by their number.
class Clients {
 public:
  net::Endpoint next(std::uint32_t client) {
    return {net::IpAddress::v4(0xCB007100u + client), ++port_[client]};
  }

 private:
  std::map<std::uint32_t, std::uint16_t> port_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(scheduling_laws)

// SCH-10 to SCH-12, FWD-14, LIFE-24
BOOST_AUTO_TEST_CASE(only_usable_servers_are_chosen_and_one_wherever_there_is_any) {
  random::Stream random(1, "usable");
  for (const Algorithm algorithm : kAlgorithms) {
    for (int trial = 0; trial < 20; ++trial) {
      Group group = random_group(random, algorithm);
      World world(group);
      Clients clients;
      for (int i = 0; i < 200; ++i) {
        if (random.chance(0.2)) world.change(random);
        const auto chosen =
            world.connect(clients.next(static_cast<std::uint32_t>(random.below(50))));
        BOOST_REQUIRE_EQUAL(chosen.has_value(), group.weight_sum() > 0);
        if (chosen) BOOST_REQUIRE(group.usable(*chosen));
      }
    }
  }
}

// SCH-03, SCH-05, SCH-18: in the long run each server has its share by weight, but for what K nodes
// are off at most: each is off by less than a turn of every server (its credits are bounded), and
// of least connections by its last connections.
BOOST_AUTO_TEST_CASE(shares_are_those_of_the_weights_in_the_long_run) {
  random::Stream random(2, "shares");
  for (const Algorithm algorithm :
       {Algorithm::weighted_round_robin, Algorithm::weighted_least_connections}) {
    for (int trial = 0; trial < 12; ++trial) {
      Group group = random_group(random, algorithm);
      if (group.weight_sum() == 0) continue;
      World world(group);
      Clients clients;
      std::vector<double> count(group.servers(), 0);
      constexpr int kConnections = 4000;
      for (int i = 0; i < kConnections; ++i) {
        ++count[*world.connect(clients.next(static_cast<std::uint32_t>(random.below(200))))];
      }
      const double off = static_cast<double>(group.config.nodes.lvs * (group.servers() + 1));
      for (std::size_t s = 0; s < group.servers(); ++s) {
        const double due = group.usable(s) ? 1.0 * kConnections * group.group().servers[s].weight /
                                                 group.weight_sum()
                                           : 0;
        BOOST_REQUIRE_LE(std::abs(count[s] - due), group.usable(s) ? off : 0);
      }
    }
  }
}

// SCH-06: on every node, as long as the same servers are usable; and again when they are again.
BOOST_AUTO_TEST_CASE(a_source_goes_where_it_went_whenever_the_same_servers_are_usable) {
  random::Stream random(3, "hash");
  for (int trial = 0; trial < 15; ++trial) {
    Group group = random_group(random, Algorithm::source_ip_hash);
    World world(group);
    Clients clients;
    std::map<std::vector<bool>, std::map<std::uint32_t, std::optional<std::size_t>>> went;
    for (int i = 0; i < 400; ++i) {
      if (random.chance(0.05)) world.change(random);
      std::vector<bool> usable;
      for (std::size_t s = 0; s < group.servers(); ++s) usable.push_back(group.usable(s));
      const auto client = static_cast<std::uint32_t>(random.below(30));
      const auto chosen = world.connect(clients.next(client));
      const auto [known, is_new] = went[usable].emplace(client, chosen);
      if (!is_new) BOOST_REQUIRE(known->second == chosen);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::forwarding
