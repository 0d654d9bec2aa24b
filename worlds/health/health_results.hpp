// What health checks come to, as series are sampled from it: of probes that this program sends
// (health_checks.hpp), or of those that a capture shows.
#pragma once

#include <cstdint>

#include "worlds/health/health_board.hpp"

namespace elblab::worlds {

class HealthResults {
 public:
  virtual ~HealthResults() = default;
  // nullptr: the balancer checks nobody's health.
  virtual const HealthBoard* board(std::size_t balancer) const = 0;
  // Whether there is anything to say of a server, and of all of them; false: no sample.
  virtual bool knows(std::size_t, CheckedServer) const { return true; }
  virtual bool knows_all(std::size_t) const { return true; }
  // Sent and received by the balancer's probing nodes.
  virtual std::uint64_t probe_bytes(std::size_t balancer) const = 0;
  virtual std::uint64_t probe_packets_sent(std::size_t balancer) const = 0;
  virtual std::uint64_t probe_packets_received(std::size_t balancer) const = 0;
};

}  // namespace elblab::worlds
