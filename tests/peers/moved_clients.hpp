// Which clients change their server when one of N goes: those of the server that went, which had
// to, and others, which consistent hashing is to spare.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "models/net/address.hpp"
#include "tests/peers/answering_servers.hpp"
#include "tests/peers/peer_process.hpp"

namespace elblab::peers {

// The servers of clients, with all of N or without one of them.
using Place = std::function<std::vector<std::size_t>(const std::vector<net::IpAddress>& clients)>;
// Of a peer: each client connects to the port.
Place place_behind(const PeerProcess& peer, const AnsweringServers& servers, std::uint16_t port);

struct MovedClients {
  std::size_t clients = 0;
  std::size_t removed = 0;     // the server that goes: the one with most clients
  std::size_t of_removed = 0;  // clients that it had
  std::size_t of_others = 0;   // clients of others that moved too
  std::size_t all() const { return of_removed + of_others; }
};

// Addresses of 127.0.0.0/8, alike in each call, all different.
std::vector<net::IpAddress> clients_on_loopback(std::size_t count);

MovedClients moved_clients(const std::vector<net::IpAddress>& clients, std::size_t servers,
                           const Place& before,
                           const std::function<Place(std::size_t removed)>& after);
// The same of our source hash.
MovedClients moved_by_us(const std::vector<net::IpAddress>& clients, std::size_t servers);

void print_moved(const char* who, std::size_t servers, const MovedClients& moved);

}  // namespace elblab::peers
