// Why servers were chosen, as a trace kept it with the packets of connections.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/trace/reader.hpp"
#include "models/telemetry/decision.hpp"

namespace elblab::trace {

// One decision. Names are those of objects: "app/b1", "lvs1".
struct DecisionRow {
  struct Candidate {
    std::string server;
    std::uint8_t weight = 0;
    std::uint64_t active_connections = 0;
    std::optional<std::int64_t> credit;
    std::string kept_out;  // by whom: "health", "operator, membership"; empty: by nobody

    bool usable() const { return weight != 0 && kept_out.empty(); }
    bool operator==(const Candidate&) const = default;
  };

  std::uint64_t id = 0;          // from 1, in the order of writing
  std::uint64_t connection = 0;  // the id of its PacketConnectionRow
  Instant at;
  std::string object;  // who decided
  std::string protocol;
  std::string source;  // of the client's flow
  std::string destination;
  telemetry::DecisionGround ground = telemetry::DecisionGround::nobody_usable;
  std::string chosen;  // empty: nobody
  std::optional<std::uint32_t> slot;
  std::uint64_t servers = 0;  // of the group
  std::uint64_t usable = 0;
  std::vector<Candidate> candidates;  // all of them, or those that came nearest

  bool operator==(const DecisionRow&) const = default;
};

// Of a connection whose packets were kept, in the order of time; empty where no scheduler decided.
std::vector<DecisionRow> decisions_of(const Reader& trace, std::uint64_t packet_connection);
// Of a client, likewise: "203.0.113.7:50123", or all of an address. At most `most`.
std::vector<DecisionRow> decisions_of_client(const Reader& trace, std::string_view client,
                                             std::size_t most);

// Why this one: "app/b2 of 4, fewest connections for its weight: 3/1 < 4/1 (b1), 5/1 (b3)"; others
// of the group by what tells them apart, those that came nearest.
std::string decision_text(const DecisionRow& decision);

}  // namespace elblab::trace
