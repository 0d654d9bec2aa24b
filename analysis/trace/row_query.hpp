// Rows of the long tables by their ids, and the decisions among the events.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "analysis/trace/database.hpp"
#include "analysis/trace/rows.hpp"

namespace elblab::trace {

// Reader::events, Reader::connections, Reader::decisions. False when the tables cannot be read to
// the end; what was read until then stands in the result.
bool read_events(const Database& database, std::uint64_t first_id, std::size_t most,
                 std::vector<EventRow>& rows);
bool read_connections(const Database& database, std::uint64_t first_id, std::size_t most,
                      std::vector<ConnectionRow>& rows);
bool read_decisions(const Database& database, Decisions& decisions);

}  // namespace elblab::trace
