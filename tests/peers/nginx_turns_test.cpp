// Weighted round robin is nginx's, connection by connection (SCH-03, SCH-04).
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "models/scheduling/smooth_weighted_round_robin.hpp"
#include "tests/live/needs_privileges.hpp"
#include "tests/peers/answering_servers.hpp"
#include "tests/peers/nginx_peer.hpp"
#include "tests/peers/peer_network.hpp"
#include "tests/scheduling/groups.hpp"

namespace elblab::peers {
namespace {

using scheduling::kClient;
using scheduling::Owner;

constexpr std::size_t kMostServers = 8;
constexpr std::size_t kGroups = 50;
const scheduling::Arrival kArrival{.client = kClient, .payload = {}};

int some_weight(random::Stream& random) {
  return 1 + static_cast<int>(random.below(random.chance(0.5) ? 10 : 100));
}

bool any_usable(const std::vector<int>& weights) {
  return std::any_of(weights.begin(), weights.end(), [](int weight) { return weight != 0; });
}

// Weights of servers 1, 2, …; 0 is one that is out.
std::vector<int> first_weights(random::Stream& random) {
  std::vector<int> weights(1 + random.below(kMostServers));
  for (int& weight : weights) weight = random.chance(0.15) ? 0 : some_weight(random);
  if (!any_usable(weights)) weights[0] = 1;
  return weights;
}

// Some go, some come, some weigh something else.
void change(std::vector<int>& weights, random::Stream& random) {
  for (int& weight : weights) {
    if (random.chance(0.4)) weight = weight != 0 && random.chance(0.4) ? 0 : some_weight(random);
  }
  if (!any_usable(weights)) weights[0] = some_weight(random);
}

NginxPeer::Group turns_group(std::uint16_t port, const std::vector<int>& weights) {
  NginxPeer::Group group{.port = port, .name = "group" + std::to_string(port % 100), .lines = {}};
  for (std::size_t server = 0; server < weights.size(); ++server) {
    group.lines.push_back(nginx_server(server, weights[server]));
  }
  return group;
}

std::vector<NginxPeer::Group> turns_groups(std::uint16_t first_port,
                                           const std::vector<std::vector<int>>& weights) {
  std::vector<NginxPeer::Group> groups;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    groups.push_back(turns_group(static_cast<std::uint16_t>(first_port + i), weights[i]));
  }
  return groups;
}

std::string nginx_sequence(const NginxPeer& nginx, const AnsweringServers& servers,
                           std::uint16_t port, std::size_t turns, std::size_t at_once) {
  std::string letters;
  while (letters.size() < turns) {
    std::vector<live::FileDescriptor> clients;
    while (clients.size() < at_once && letters.size() + clients.size() < turns) {
      clients.push_back(nginx.process().connect(port, kLoopback));
    }
    for (const std::size_t server : servers.answers(std::move(clients))) {
      letters += static_cast<char>('a' + server);
    }
  }
  return letters;
}

std::string our_sequence(scheduling::Scheduler& scheduler, const scheduling::Candidates& candidates,
                         std::size_t turns) {
  std::string letters;
  for (std::size_t i = 0; i < turns; ++i) {
    letters += static_cast<char>('a' + scheduler.pick(candidates, kArrival).value());
  }
  return letters;
}

// A node of ours that lives on while its group changes: it forgets nothing.
struct LastingNode {
  explicit LastingNode(const std::vector<int>& weights)
      : candidates(scheduling::with_weights(weights)) {
    scheduler.reset(weights.size());
  }
  void set(const std::vector<int>& weights) {
    for (std::size_t server = 0; server < weights.size(); ++server) {
      candidates.set_weight(server, static_cast<std::uint8_t>(weights[server]));
    }
  }
  scheduling::Candidates candidates;
  scheduling::SmoothWeightedRoundRobin scheduler;
};

// What nginx does for one connection while some servers refuse: it takes a turn among all, and,
// refused, another one among those not yet tried.
std::size_t turn_with_refusals(LastingNode& node, const AnsweringServers& servers) {
  std::vector<std::size_t> tried;
  std::size_t server = node.scheduler.pick(node.candidates, kArrival).value();
  while (servers.gone(server)) {
    tried.push_back(server);
    node.candidates.set(server, Owner::health, false);
    server = node.scheduler.pick(node.candidates, kArrival).value();
  }
  for (const std::size_t one : tried) node.candidates.set(one, Owner::health, true);
  return server;
}

void some_go_some_come(AnsweringServers& servers, random::Stream& random) {
  for (std::size_t server = 1; server < servers.count(); ++server) {  // the first one stays
    if (!random.chance(0.3)) continue;
    if (servers.gone(server)) {
      servers.come(server);
    } else {
      servers.go(server);
    }
  }
}

using live::NeedsPrivileges;
using NeedsNginx = NginxPeer::Needed;
BOOST_TEST_GLOBAL_FIXTURE(NeedsPrivileges);
BOOST_TEST_GLOBAL_FIXTURE(NeedsNginx);

}  // namespace

BOOST_AUTO_TEST_SUITE(weighted_round_robin_beside_nginx)

// Five configurations of 50 groups, 250 vectors of weights. nginx forgets every credit at a reload:
// after each, its sequence is that of a scheduler of ours that starts afresh. One of ours that
// lives on keeps its credits over a change, and differs for as long as they last; the test counts
// how often, so that it says something about the reload.
BOOST_AUTO_TEST_CASE(turns_are_those_of_nginx_for_random_weights_that_change_by_reload) {
  PeerNetwork network;
  const AnsweringServers servers(kMostServers);
  random::Stream random(1, "turns");
  std::vector<std::vector<int>> weights(kGroups);
  std::vector<std::unique_ptr<LastingNode>> lasting;
  for (auto& of_group : weights) {
    of_group = first_weights(random);
    lasting.push_back(std::make_unique<LastingNode>(of_group));
  }
  std::uint16_t first_port = 10'000;
  NginxPeer nginx(turns_groups(first_port, weights));
  std::size_t turns = 0;
  std::size_t kept_differs = 0;
  constexpr std::size_t kConfigurations = 5;
  for (std::size_t configuration = 0; configuration < kConfigurations; ++configuration) {
    if (configuration > 0) {
      for (auto& of_group : weights) change(of_group, random);
      first_port = static_cast<std::uint16_t>(first_port + 100);
      nginx.reload(turns_groups(first_port, weights));
    }
    for (std::size_t group = 0; group < kGroups; ++group) {
      const std::size_t length = 20 + random.below(50);
      const std::string theirs =
          nginx_sequence(nginx, servers, static_cast<std::uint16_t>(first_port + group), length,
                         AnsweringServers::kMostAtOnce);
      LastingNode fresh(weights[group]);
      lasting[group]->set(weights[group]);
      BOOST_TEST(theirs == our_sequence(fresh.scheduler, fresh.candidates, length));
      if (theirs != our_sequence(lasting[group]->scheduler, lasting[group]->candidates, length)) {
        ++kept_differs;
      }
      turns += length;
    }
  }
  BOOST_TEST(kept_differs > 0u);
  std::printf("turns: %zu vectors, %zu connections, all as nginx; kept credits differ in %zu\n",
              kConfigurations * kGroups, turns, kept_differs);
}

// Without a reload nginx forgets nothing: a server that refuses is left out of the turn that is
// taken instead, and neither gains nor pays in it. So is one of ours that is kept out.
BOOST_AUTO_TEST_CASE(turns_are_those_of_nginx_while_servers_refuse_and_come_back) {
  PeerNetwork network;
  random::Stream random(2, "refusals");
  std::vector<std::vector<int>> weights(15);
  for (auto& of_group : weights) {
    of_group.resize(2 + random.below(kMostServers - 1));
    for (int& weight : of_group) weight = some_weight(random);
  }
  NginxPeer nginx(turns_groups(10'000, weights));
  std::size_t turns = 0;
  std::size_t refused = 0;
  for (std::size_t group = 0; group < weights.size(); ++group) {
    AnsweringServers servers(weights[group].size());
    LastingNode node(weights[group]);
    std::string theirs;
    std::string ours;
    for (int phase = 0; phase < 6; ++phase, some_go_some_come(servers, random)) {
      for (std::size_t server = 0; server < servers.count(); ++server) {
        if (servers.gone(server)) ++refused;
      }
      const std::size_t length = 5 + random.below(10);
      theirs +=
          nginx_sequence(nginx, servers, static_cast<std::uint16_t>(10'000 + group), length, 1);
      for (std::size_t i = 0; i < length; ++i) {
        ours += static_cast<char>('a' + turn_with_refusals(node, servers));
      }
      turns += length;
    }
    BOOST_TEST(theirs == ours);
  }
  BOOST_TEST(refused > 0u);
  std::printf("turns with refusals: %zu groups, %zu connections, all as nginx\n", weights.size(),
              turns);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::peers
