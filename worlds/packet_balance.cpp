#include "worlds/packet_balance.hpp"

namespace elblab::worlds {

std::optional<std::string> imbalance_of(const forwarding::ForwarderCounters& balancer,
                                        std::uint64_t delivered, std::uint64_t taken) {
  const forwarding::ForwarderCounters& c = balancer;
  if (c.packets_in != delivered) {
    return "links delivered " + std::to_string(delivered) +
           " packets to the balancer, it counted " + std::to_string(c.packets_in);
  }
  if (!c.conserved()) {
    return "balancer: " + std::to_string(c.packets_in) + " packets in, " +
           std::to_string(c.packets_forwarded) + " forwarded, " +
           std::to_string(c.packets_absorbed) + " absorbed, " + std::to_string(c.dropped_total()) +
           " dropped, " + std::to_string(c.packets_waiting) + " waiting";
  }
  if (c.packets_sent() != taken) {
    return "balancer: " + std::to_string(c.packets_sent()) +
           " packets forwarded or made, links took " + std::to_string(taken);
  }
  return std::nullopt;
}

}  // namespace elblab::worlds
