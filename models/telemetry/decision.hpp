// Why a server was chosen, as a trace keeps it: what a scheduler weighed, so that whoever reads it
// can work the choice out again.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "models/net/flow_key.hpp"
#include "models/telemetry/ids.hpp"
#include "models/time/instant.hpp"

namespace elblab::telemetry {

// Append only: the numbers stand in traces.
enum class DecisionGround : std::uint8_t {
  nobody_usable,  // none chosen
  turn,           // the largest credit, of all that are usable (weighted round robin)
  least_load,     // fewer connections for its weight than any other
  tied_turn,      // the largest credit, of those with the least connections for their weight
  table_slot,     // the holder of the slot that the client's address hashes to
  connection_id,  // the server that gave out the connection ID of the datagram
  stickiness,     // the server that the client is bound to
  count_,         // not a ground: the number of them
};
std::string_view to_string(DecisionGround ground);

// Who may keep a server out of the choice, each on its own: what one lets in again stays out as
// long as another has it out (FWD-14). Append only, likewise.
enum class ServerOwner : std::uint8_t {
  family,         // of its address: clients are served over their own (FWD-19)
  zone,           // it is in another one, and cross-zone traffic is off
  operator_hand,  // taken out by hand (LIFE-24)
  health,         // found unhealthy
  membership,     // not yet in the group, or removed from it (LIFE-24)
  count_,         // not an owner: the number of them
};
std::string_view to_string(ServerOwner owner);

// A server as it was before the decision: its load is active_connections / weight.
struct WeighedServer {
  ObjectId server = 0;
  std::uint32_t active_connections = 0;
  std::optional<std::int32_t> credit;  // what it would win a turn with; nullopt: takes no part
  std::uint8_t weight = 0;
  std::uint8_t kept_out_by = 0;  // a bit for each ServerOwner

  bool usable() const { return weight != 0 && kept_out_by == 0; }
};

// Of the servers of a large group those that came nearest to being chosen are kept.
inline constexpr std::size_t kMostWeighed = 16;

struct DecisionRecord {
  Instant at;
  ObjectId object = 0;  // who decided: a balancer's node
  ObjectId chosen = 0;  // 0: nobody
  net::FlowKey flow;    // the client's, as it came
  DecisionGround ground = DecisionGround::nobody_usable;
  std::optional<std::uint32_t> slot;  // of the table, where one was asked
  std::uint16_t servers = 0;          // of the group, all of them
  std::uint16_t usable = 0;           // of those
  std::uint16_t kept = 0;             // how many of `weighed` count
  // In the order of the group where all of them are kept; else the nearest first.
  std::array<WeighedServer, kMostWeighed> weighed{};
};

}  // namespace elblab::telemetry
