// Where a capture was taken, as seen from the balancer.
#pragma once

#include <cstdint>
#include <string_view>

namespace elblab::replay {

enum class Side : std::uint8_t {
  // Only what goes into a balancer: requests and servers' answers, none of its own packets (a
  // mirror of its receiving side, or the capture `elblab run --pcap` makes of it).
  before_balancer,
  client_side,  // clients and the virtual address
  server_side,  // clients, or the balancer's source addresses, and servers
  both_sides,   // every packet twice: as it came to the balancer and as it left it
};

// "taken on the client side"
std::string_view to_string(Side side);

}  // namespace elblab::replay
