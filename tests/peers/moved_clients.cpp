#include "tests/peers/moved_clients.hpp"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <set>

#include "models/random/stream.hpp"
#include "models/scheduling/source_ip_hash.hpp"
#include "tests/scheduling/groups.hpp"

namespace elblab::peers {
namespace {

struct HashingNode {
  explicit HashingNode(std::size_t servers) : candidates(scheduling::equal_servers(servers)) {
    scheduler.reset(servers);
  }
  std::vector<std::size_t> place(const std::vector<net::IpAddress>& clients) {
    std::vector<std::size_t> servers;
    for (const net::IpAddress& client : clients) {
      servers.push_back(scheduler.pick(candidates, {.client = client, .payload = {}}).value());
    }
    return servers;
  }
  scheduling::Candidates candidates;
  scheduling::SourceIpHash scheduler{config::SourceHash{}};
};

}  // namespace

std::vector<net::IpAddress> clients_on_loopback(std::size_t count) {
  random::Stream random(6, "clients");
  std::set<std::uint32_t> drawn;
  std::vector<net::IpAddress> clients;
  while (clients.size() < count) {
    const auto host = static_cast<std::uint32_t>(1 + random.below((1u << 24) - 2));
    if (drawn.insert(host).second) clients.push_back(net::IpAddress::v4(0x7F000000u + host));
  }
  return clients;
}

Place place_behind(const PeerProcess& peer, const AnsweringServers& servers, std::uint16_t port) {
  return [&peer, &servers, port](const std::vector<net::IpAddress>& clients) {
    std::vector<std::size_t> places;
    while (places.size() < clients.size()) {
      std::vector<live::FileDescriptor> some;
      while (some.size() < AnsweringServers::kMostAtOnce &&
             places.size() + some.size() < clients.size()) {
        some.push_back(peer.connect(port, clients[places.size() + some.size()]));
      }
      for (const std::size_t server : servers.answers(std::move(some))) places.push_back(server);
    }
    return places;
  };
}

MovedClients moved_clients(const std::vector<net::IpAddress>& clients, std::size_t servers,
                           const Place& before,
                           const std::function<Place(std::size_t removed)>& after) {
  const std::vector<std::size_t> first = before(clients);
  std::vector<std::size_t> had(servers, 0);
  for (const std::size_t server : first) ++had[server];
  MovedClients moved{.clients = clients.size()};
  moved.removed = static_cast<std::size_t>(std::max_element(had.begin(), had.end()) - had.begin());
  moved.of_removed = had[moved.removed];
  const std::vector<std::size_t> then = after(moved.removed)(clients);
  for (std::size_t i = 0; i < clients.size(); ++i) {
    if (first[i] != moved.removed && then[i] != first[i]) ++moved.of_others;
  }
  return moved;
}

MovedClients moved_by_us(const std::vector<net::IpAddress>& clients, std::size_t servers) {
  HashingNode node(servers);
  const Place place = [&](const std::vector<net::IpAddress>& some) { return node.place(some); };
  return moved_clients(clients, servers, place, [&](std::size_t removed) {
    node.candidates.set(removed, scheduling::Owner::health, false);
    return place;
  });
}

void print_moved(const char* who, std::size_t servers, const MovedClients& moved) {
  const auto percent = [&](std::size_t part) {
    return 100.0 * static_cast<double>(part) / static_cast<double>(moved.clients);
  };
  std::printf(
      "one of %zu goes (%s): of %zu clients %.2f %% lose their server, %.2f %% move besides\n",
      servers, who, moved.clients, percent(moved.of_removed), percent(moved.of_others));
}

}  // namespace elblab::peers
