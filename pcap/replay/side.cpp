#include "pcap/replay/side.hpp"

namespace elblab::replay {

std::string_view to_string(Side side) {
  switch (side) {
    case Side::before_balancer:
      return "of what goes into a balancer";
    case Side::client_side:
      return "taken on the client side";
    case Side::server_side:
      return "taken on the server side";
    case Side::both_sides:
      return "taken on both sides of a balancer";
  }
  return "unknown";
}

}  // namespace elblab::replay
