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

// Who may keep a server out of the choice, each on its own: what one lets in again stays out as long
// as another has it out (FWD-14).
enum class Owner : std::uint8_t {
  family,         // of its address: clients are served over their own (FWD-19)
  zone,           // it is in another one, and cross-zone traffic is off
  operator_hand,  // taken out by hand (LIFE-24)
  health,         // found unhealthy
};

struct Candidate {
  std::uint8_t weight = 1;               // 0: never chosen (SCH-10..12)
  std::uint8_t kept_out_by = 0;          // a bit for each Owner
  std::uint32_t active_connections = 0;  // what least connections weighs

  bool eligible() const { return kept_out_by == 0; }
  void set(Owner owner, bool in) {
    const auto bit = static_cast<std::uint8_t>(1u << static_cast<unsigned>(owner));
    kept_out_by = static_cast<std::uint8_t>(in ? kept_out_by & ~bit : kept_out_by | bit);
  }
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
