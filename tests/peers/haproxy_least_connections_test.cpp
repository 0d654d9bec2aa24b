// Weighted least connections beside haproxy's leastconn: another rule, and how far it leads apart.
//
// Ours takes the least connections / weight before the connection, haproxy's the least
// (connections + 1) / weight, which is the load after it, and an idle server before all others.
// Both fill servers with lines that rise together: ours gives w a ceil(w x), haproxy's
// floor(w y), each at least 1, with x <= y because as many connections are given. So no server has
// more than one connection more here than there, and what the light ones have more, less than one
// for each server, the heavy ones lack.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <vector>

#include "tests/live/needs_privileges.hpp"
#include "tests/peers/answering_servers.hpp"
#include "tests/peers/haproxy_peer.hpp"
#include "tests/peers/least_connections_node.hpp"
#include "tests/peers/peer_network.hpp"
#include "tests/scheduling/groups.hpp"

namespace elblab::peers {
namespace {

constexpr std::uint16_t kFirstPort = 10'000;

std::vector<HaproxyPeer::Group> leastconn_groups(const std::vector<std::vector<int>>& weights) {
  std::vector<HaproxyPeer::Group> groups;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    HaproxyPeer::Group group{.port = static_cast<std::uint16_t>(kFirstPort + i),
                             .lines = {"balance leastconn"}};
    for (std::size_t server = 0; server < weights[i].size(); ++server) {
      group.lines.push_back(haproxy_server(server, weights[i][server]));
    }
    groups.push_back(std::move(group));
  }
  return groups;
}

// What haproxy orders its servers by, in its integers: weights are kept times 16, loads in 4096ths.
int haproxy_key(int connections, int weight) {
  return connections == 0 ? 0 : (connections + 1) * 4096 / (weight * 16);
}

int least_key(const std::vector<int>& connections, const std::vector<int>& weights) {
  int least = haproxy_key(connections[0], weights[0]);
  for (std::size_t i = 1; i < weights.size(); ++i) {
    least = std::min(least, haproxy_key(connections[i], weights[i]));
  }
  return least;
}

struct Shares {
  std::vector<int> theirs;
  std::vector<int> ours;
  int farthest_apart() const {
    int farthest = 0;
    for (std::size_t i = 0; i < ours.size(); ++i) {
      farthest = std::max(farthest, std::abs(ours[i] - theirs[i]));
    }
    return farthest;
  }
};

// As many long connections through both. Each of haproxy's must go where its rule says.
Shares long_connections(const HaproxyPeer& haproxy, const AnsweringServers& servers,
                        std::uint16_t port, const std::vector<int>& weights, int count) {
  Shares shares{.theirs = std::vector<int>(weights.size(), 0), .ours = {}};
  LeastConnectionsNode node(weights);
  std::vector<PeerConnection> open;
  for (int i = 0; i < count; ++i) {
    open.push_back(servers.meet(haproxy.process().connect(port, kLoopback)));
    const std::size_t server = open.back().server();
    BOOST_TEST(haproxy_key(shares.theirs[server], weights[server]) ==
               least_key(shares.theirs, weights));
    ++shares.theirs[server];
    node.begin();
  }
  for (PeerConnection& connection : open) connection.abandon();
  shares.ours = node.connections();
  return shares;
}

using live::NeedsPrivileges;
using NeedsHaproxy = HaproxyPeer::Needed;
BOOST_TEST_GLOBAL_FIXTURE(NeedsPrivileges);
BOOST_TEST_GLOBAL_FIXTURE(NeedsHaproxy);

}  // namespace

BOOST_AUTO_TEST_SUITE(least_connections_beside_haproxy)

BOOST_AUTO_TEST_CASE(equal_servers_have_the_same_shares_to_one_connection) {
  PeerNetwork network;
  const AnsweringServers servers(8);
  random::Stream random(4, "equal");
  std::vector<std::vector<int>> weights;
  for (std::size_t count = 2; count <= 8; ++count) weights.emplace_back(count, 1);
  const HaproxyPeer haproxy(leastconn_groups(weights));
  for (std::size_t group = 0; group < weights.size(); ++group) {
    const Shares shares =
        long_connections(haproxy, servers, static_cast<std::uint16_t>(kFirstPort + group),
                         weights[group], static_cast<int>(10 + random.below(60)));
    BOOST_TEST(shares.farthest_apart() <= 1);
  }
}

BOOST_AUTO_TEST_CASE(weighted_servers_are_apart_as_the_two_rules_say) {
  PeerNetwork network;
  const AnsweringServers servers(8);
  random::Stream random(5, "weighted");
  std::vector<std::vector<int>> weights{{100, 1, 1, 1, 1}, {2, 5}};
  while (weights.size() < 40) {
    weights.push_back(scheduling::random_weights(random, 2 + random.below(7), 1));
  }
  const HaproxyPeer haproxy(leastconn_groups(weights));
  int within_one = 0;
  int farthest = 0;
  for (std::size_t group = 0; group < weights.size(); ++group) {
    const int count = group == 0 ? 109 : static_cast<int>(20 + random.below(80));
    const Shares shares = long_connections(
        haproxy, servers, static_cast<std::uint16_t>(kFirstPort + group), weights[group], count);
    int more_here = 0;
    for (std::size_t server = 0; server < weights[group].size(); ++server) {
      BOOST_TEST(shares.ours[server] <= shares.theirs[server] + 1);
      more_here += std::max(0, shares.ours[server] - shares.theirs[server]);
    }
    BOOST_TEST(more_here < static_cast<int>(weights[group].size()));
    if (group == 0) {  // worked out by hand: the next of the light ones waits for twice the load
      const std::vector<int> theirs{105, 1, 1, 1, 1};
      const std::vector<int> ours{101, 2, 2, 2, 2};
      BOOST_TEST(shares.theirs == theirs, boost::test_tools::per_element());
      BOOST_TEST(shares.ours == ours, boost::test_tools::per_element());
    }
    if (shares.farthest_apart() <= 1) ++within_one;
    farthest = std::max(farthest, shares.farthest_apart());
  }
  std::printf(
      "least connections: %zu groups beside haproxy, %d within one connection, %d at most\n",
      weights.size(), within_one, farthest);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::peers
