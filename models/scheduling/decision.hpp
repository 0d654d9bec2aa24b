// Why a server was chosen: what a scheduler weighed, so that "why this one?" can be answered from
// what was recorded, by whoever wants to work it out again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/scheduling/candidates.hpp"

namespace elblab::scheduling {

enum class Ground : std::uint8_t {
  nobody_usable,  // none chosen
  turn,           // the largest credit, of all that are usable (weighted round robin)
  least_load,     // fewer connections for its weight than any other
  tied_turn,      // the largest credit, of those with the least connections for their weight
  table_slot,     // the holder of the slot that the client's address hashes to
  connection_id,  // the server that gave out the connection ID of the datagram
  stickiness,     // the server that the client is bound to
};

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
  virtual void decided(const Decision& decision) = 0;
};

}  // namespace elblab::scheduling
