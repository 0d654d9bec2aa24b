// Weighted least connections is nginx's least_conn, connection by connection (SCH-05, IMB-09).
#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <string>
#include <vector>

#include "tests/peers/answering_servers.hpp"
#include "tests/peers/least_connections_node.hpp"
#include "tests/peers/nginx_peer.hpp"
#include "tests/peers/peer_network.hpp"
#include "tests/scheduling/groups.hpp"

namespace elblab::peers {
namespace {

constexpr std::uint16_t kFirstPort = 10'000;

std::vector<NginxPeer::Group> least_connections_groups(const std::vector<std::vector<int>>& weights,
                                                       std::uint16_t first_port = kFirstPort) {
  std::vector<NginxPeer::Group> groups;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    NginxPeer::Group group{.port = static_cast<std::uint16_t>(first_port + i),
                           .name = "group" + std::to_string(i),
                           .lines = {"least_conn;"}};
    for (std::size_t server = 0; server < weights[i].size(); ++server) {
      group.lines.push_back(nginx_server(server, weights[i][server]));
    }
    groups.push_back(std::move(group));
  }
  return groups;
}

// The same connections through nginx and through a node of ours.
struct Twins {
  Twins(const NginxPeer& peer, const AnsweringServers& behind, std::uint16_t peer_port,
        const std::vector<int>& weights)
      : nginx(peer), servers(behind), port(peer_port), node(weights) {}

  void begin() {
    open.push_back(servers.meet(nginx.process().connect(port, kLoopback)));
    theirs += static_cast<char>('a' + open.back().server());
    ours += static_cast<char>('a' + node.begin());
  }
  void end(std::size_t which) {
    which %= open.size();
    open[which].end();
    node.end(open[which].server());
    std::swap(open[which], open.back());
    open.pop_back();
  }

  const NginxPeer& nginx;
  const AnsweringServers& servers;
  std::uint16_t port;
  LeastConnectionsNode node;
  std::vector<PeerConnection> open;
  std::string theirs;
  std::string ours;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(least_connections_beside_nginx)

// Long connections only, then short ones among them: also who of equal servers is next is the same,
// so the shares differ by nothing, where one connection would be allowed.
BOOST_AUTO_TEST_CASE(connections_go_where_those_of_nginx_go_while_others_stay_and_end) {
  PeerNetwork network;
  const AnsweringServers servers(8);
  random::Stream random(3, "least");
  std::vector<std::vector<int>> weights;
  for (int i = 0; i < 24; ++i) {
    weights.push_back(scheduling::random_weights(random, 2 + random.below(7), i % 4 == 0 ? 0 : 1));
    weights.back()[0] = i % 5 == 0 ? 1 : 1 + weights.back()[0] % 100;
    if (i % 8 == 1) weights.back().assign(weights.back().size(), 1);
  }
  NginxPeer nginx(least_connections_groups(weights));
  std::size_t connections = 0;
  for (std::size_t group = 0; group < weights.size(); ++group) {
    Twins twins(nginx, servers, static_cast<std::uint16_t>(kFirstPort + group), weights[group]);
    const std::size_t long_ones = 10 + random.below(50);
    for (std::size_t i = 0; i < long_ones; ++i) twins.begin();
    for (int i = 0; i < 24; ++i) {
      if (!twins.open.empty() && random.chance(0.55)) {
        twins.end(random.next());
      } else {
        twins.begin();
      }
    }
    BOOST_TEST(twins.theirs == twins.ours);
    connections += twins.ours.size();
    for (PeerConnection& connection : twins.open) connection.abandon();
  }
  std::printf("least connections: %zu groups, %zu connections, all as nginx\n", weights.size(),
              connections);
}

// A difference, and known: the worker with the new configuration counts from nothing, although the
// connections of the old one go on. Here a server comes back: a node of ours, which counts on,
// gives it every connection until it is level, nginx after its reload every second one.
BOOST_AUTO_TEST_CASE(open_connections_are_forgotten_by_nginx_at_a_reload_and_not_by_us) {
  PeerNetwork network;
  const AnsweringServers servers(2);
  NginxPeer nginx(least_connections_groups({{1, 0}}));
  Twins twins(nginx, servers, kFirstPort, {1, 0});
  for (int i = 0; i < 6; ++i) twins.begin();
  BOOST_TEST(twins.theirs == "aaaaaa");
  BOOST_TEST(twins.ours == "aaaaaa");

  constexpr std::uint16_t kAnotherPort = kFirstPort + 1;
  nginx.reload(least_connections_groups({{1, 1}}, kAnotherPort));
  twins.node.set_weight(1, 1);
  twins.port = kAnotherPort;
  LeastConnectionsNode fresh({1, 1});
  std::string as_fresh;
  for (int i = 0; i < 6; ++i) {
    twins.begin();
    as_fresh += static_cast<char>('a' + fresh.begin());
  }
  BOOST_TEST(twins.theirs.substr(6) == as_fresh);
  BOOST_TEST(twins.ours.substr(6) == "bbbbbb");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::peers
