// Why a server was chosen: what a scheduler weighed, so that "why this one?" can be answered from
// what was recorded, by whoever wants to work it out again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/scheduling/candidates.hpp"

namespace elblab::scheduling {

using Ground = telemetry::DecisionGround;

// One server as it was before the decision. The load is active_connections / weight.
struct Weighed {
  std::size_t server = 0;
  ServerKey key = 0;
  Candidate state;
  // What it would win a turn with, its weight included; nullopt where it takes no part in one.
  std::optional<std::int64_t> credit;
};

struct Decision {
  Ground ground = Ground::nobody_usable;
  std::optional<std::size_t> chosen;
  std::vector<Weighed> candidates;    // every server, those that are not usable too
  std::optional<std::uint32_t> slot;  // of the table, where one was asked
};

// Every candidate as it is, without credits.
std::vector<Weighed> weighed(const Candidates& candidates);

class DecisionObserver {
 public:
  virtual ~DecisionObserver() = default;
  // Whether it wants to know the next decision, among so many servers.
  virtual bool wants_next(std::size_t servers) {
    static_cast<void>(servers);
    return true;
  }
  virtual void decided(const Decision& decision) = 0;
};

}  // namespace elblab::scheduling
