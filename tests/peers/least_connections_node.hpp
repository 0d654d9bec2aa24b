// A node of ours with weighted least connections: what it schedules counts until it ends.
#pragma once

#include <cstdint>
#include <vector>

#include "models/scheduling/weighted_least_connections.hpp"
#include "tests/scheduling/groups.hpp"

namespace elblab::peers {

class LeastConnectionsNode {
 public:
  explicit LeastConnectionsNode(const std::vector<int>& weights)
      : candidates_(scheduling::with_weights(weights)) {
    scheduler_.reset(weights.size());
  }

  // The server of one more connection.
  std::size_t begin() {
    const std::size_t server =
        scheduler_.pick(candidates_, {.client = scheduling::kClient, .payload = {}}).value();
    candidates_.flow_began(server);
    return server;
  }
  // 0: takes no more.
  void set_weight(std::size_t server, int weight) {
    candidates_.set_weight(server, static_cast<std::uint8_t>(weight));
  }
  void end(std::size_t server) { candidates_.flow_ended(server); }

  std::vector<int> connections() const {
    std::vector<int> counts;
    for (const scheduling::Candidate& state : candidates_.states()) {
      counts.push_back(static_cast<int>(state.active_connections));
    }
    return counts;
  }

 private:
  scheduling::Candidates candidates_;
  scheduling::WeightedLeastConnections scheduler_;
};

}  // namespace elblab::peers
