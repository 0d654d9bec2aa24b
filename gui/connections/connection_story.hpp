// What a trace tells of one connection: its packets, or, where they were not kept, its records.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

#include "analysis/trace/decision_query.hpp"
#include "analysis/trace/reader.hpp"
#include "gui/connections/ladder.hpp"

namespace elblab::gui {

struct ConnectionStory {
  trace::ConnectionRow record;  // the one asked for
  Ladder ladder;
  // Why its servers were chosen, in the order of time; of balancers in a row each. Empty: not kept.
  std::vector<trace::DecisionRow> decisions;
  bool has_packets = false;
  bool never_sent = false;  // failed on its own host, without a packet
};

// nullopt: there is no such connection, or `cancel` was set. With packets O(packets + log rows);
// without, the connections open at that time are looked through.
std::optional<ConnectionStory> tell_connection(const trace::Reader& trace, std::uint64_t id,
                                               const std::atomic<bool>& cancel);

// Nobody chose one: the first whose packets were kept because something went wrong, else the first
// whose packets were kept, else the first of all.
std::uint64_t first_worth_showing(const trace::Reader& trace, const std::atomic<bool>& cancel);

}  // namespace elblab::gui
