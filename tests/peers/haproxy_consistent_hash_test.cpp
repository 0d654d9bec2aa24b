// The source hash beside haproxy's `hash-type consistent` (SCH-06, OPEN-07).
#include <boost/test/unit_test.hpp>
#include <vector>

#include "tests/peers/answering_servers.hpp"
#include "tests/peers/consistent_hash_bounds.hpp"
#include "tests/peers/haproxy_peer.hpp"
#include "tests/peers/moved_clients.hpp"
#include "tests/peers/peer_network.hpp"

namespace elblab::peers {
namespace {

// haproxy has 16 points for a weight of 1; with these it has 160, as nginx.
constexpr int kWeight = 10;
constexpr std::uint16_t kAll = 10'000;
constexpr std::uint16_t kWithout = 10'100;  // server 0; the next port: server 1; …

HaproxyPeer::Group hash_group(std::uint16_t port, std::size_t count, std::size_t without) {
  HaproxyPeer::Group group{.port = port, .lines = {"balance source", "hash-type consistent"}};
  for (std::size_t server = 0; server < count; ++server) {
    if (server != without) group.lines.push_back(haproxy_server(server, kWeight));
  }
  return group;
}

std::vector<HaproxyPeer::Group> hash_groups(std::size_t count) {
  std::vector<HaproxyPeer::Group> groups{hash_group(kAll, count, count)};
  for (std::size_t server = 0; server < count; ++server) {
    groups.push_back(hash_group(static_cast<std::uint16_t>(kWithout + server), count, server));
  }
  return groups;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(consistent_hash_beside_haproxy)

BOOST_AUTO_TEST_CASE(
    as_few_clients_move_as_with_haproxy_to_half_a_percent_when_the_fullest_server_goes) {
  PeerNetwork network;
  const std::vector<net::IpAddress> clients = clients_on_loopback(kClients);
  for (const std::size_t count : {std::size_t{4}, std::size_t{10}}) {
    const AnsweringServers servers(count);
    const HaproxyPeer haproxy(hash_groups(count));
    const auto behind = [&](std::size_t port) {
      return place_behind(haproxy.process(), servers, static_cast<std::uint16_t>(port));
    };
    require_bounds("haproxy", count, clients,
                   moved_clients(clients, count, behind(kAll),
                                 [&](std::size_t removed) { return behind(kWithout + removed); }));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::peers
