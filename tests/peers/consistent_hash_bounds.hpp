// What is asserted of moved clients, whoever the peer is.
#pragma once

#include <cstddef>
#include <vector>

#include "models/net/address.hpp"
#include "tests/peers/moved_clients.hpp"

namespace elblab::peers {

constexpr std::size_t kClients = 2000;

// A ring moves nobody else's clients; a Maglev table moves a few of them. It shares clients out
// more evenly, so that the fullest server has fewer to lose, but by no law of every draw. Asserted:
// 0.5 % of the clients move without need at most, and in all no more than that above the peer.
void require_bounds(const char* peer, std::size_t servers,
                    const std::vector<net::IpAddress>& clients, const MovedClients& theirs);

}  // namespace elblab::peers
