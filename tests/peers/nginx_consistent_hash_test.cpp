// The source hash beside nginx's `hash $remote_addr consistent` (SCH-06, OPEN-07).
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "tests/peers/answering_servers.hpp"
#include "tests/peers/consistent_hash_bounds.hpp"
#include "tests/peers/moved_clients.hpp"
#include "tests/peers/nginx_peer.hpp"
#include "tests/peers/peer_network.hpp"

namespace elblab::peers {
namespace {

constexpr std::uint16_t kAll = 10'000;
constexpr std::uint16_t kWithout = 10'100;  // server 0; the next port: server 1; …

NginxPeer::Group hash_group(std::uint16_t port, std::size_t count, std::size_t without) {
  NginxPeer::Group group{.port = port,
                         .name = "port" + std::to_string(port),
                         .lines = {"hash $remote_addr consistent;"}};
  for (std::size_t server = 0; server < count; ++server) {
    if (server != without) group.lines.push_back(nginx_server(server, 1));
  }
  return group;
}

std::vector<NginxPeer::Group> hash_groups(std::size_t count) {
  std::vector<NginxPeer::Group> groups{hash_group(kAll, count, count)};
  for (std::size_t server = 0; server < count; ++server) {
    groups.push_back(hash_group(static_cast<std::uint16_t>(kWithout + server), count, server));
  }
  return groups;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(consistent_hash_beside_nginx)

BOOST_AUTO_TEST_CASE(
    as_few_clients_move_as_with_nginx_to_half_a_percent_when_the_fullest_server_goes) {
  PeerNetwork network;
  const std::vector<net::IpAddress> clients = clients_on_loopback(kClients);
  for (const std::size_t count : {std::size_t{4}, std::size_t{10}}) {
    const AnsweringServers servers(count);
    const NginxPeer nginx(hash_groups(count));
    const auto behind = [&](std::size_t port) {
      return place_behind(nginx.process(), servers, static_cast<std::uint16_t>(port));
    };
    require_bounds("nginx", count, clients,
                   moved_clients(clients, count, behind(kAll),
                                 [&](std::size_t removed) { return behind(kWithout + removed); }));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::peers
