// Chooses a server for a new connection.
//
// A scheduler sees servers as indices 0..n-1 with weights; the forwarder tells it which are
// candidates (healthy, not removed). pick() is O(servers), allocates nothing and draws nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "models/config/load_balancer.hpp"
#include "models/net/address.hpp"

namespace elblab::scheduling {

struct Candidate {
  std::uint8_t weight = 1;               // 0: never chosen (SCH-10..12)
  bool eligible = true;                  // healthy and in service (FWD-14)
  std::uint32_t active_connections = 0;  // SCH-05
};

class Scheduler {
 public:
  virtual ~Scheduler() = default;
  // nullopt when no candidate is eligible with a weight above 0. The span keeps its length and
  // order over calls until reset().
  virtual std::optional<std::size_t> pick(std::span<const Candidate> candidates,
                                          const net::IpAddress& client) = 0;
  // The set of servers changed: forget positions.
  virtual void reset(std::size_t servers) = 0;
};

// nullptr for an algorithm that is not built yet (config::validate refuses those).
std::unique_ptr<Scheduler> make_scheduler(config::Algorithm algorithm);

}  // namespace elblab::scheduling
