#include "worlds/packet_balance.hpp"

namespace elblab::worlds {
namespace {

std::string count(std::uint64_t n, const char* what) { return std::to_string(n) + what; }

}  // namespace

std::optional<std::string> imbalance_of(const network::FabricCounters& fabric,
                                        std::uint64_t delivered, std::uint64_t taken) {
  const network::FabricCounters& c = fabric;
  if (c.packets_in != delivered) {
    return "links delivered " + count(delivered, " packets to the network, it counted ") +
           std::to_string(c.packets_in);
  }
  if (!c.conserved()) {
    return "network: " + count(c.packets_in, " packets from links, ") +
           count(c.from_nodes, " from nodes, ") + count(c.packets_out, " to links, ") +
           count(c.to_nodes, " to nodes, ") + count(c.dropped_total(), " dropped");
  }
  if (c.packets_out != taken) {
    return "network: " + count(c.packets_out, " packets to links, which took ") +
           std::to_string(taken);
  }
  return std::nullopt;
}

std::optional<std::string> imbalance_of(const std::string& name, const network::NodeCounts& node) {
  if (node.conserved) return std::nullopt;
  return name + ": " + count(node.packets_in, " packets in, ") +
         count(node.packets_sent, " sent, ") + count(node.packets_made, " of them made, ") +
         count(node.packets_kept, " waiting: some are not accounted for");
}

}  // namespace elblab::worlds
