// The table of clients and servers.
#pragma once

#include <vector>

#include "analysis/trace/database.hpp"
#include "analysis/trace/rows.hpp"

namespace elblab::trace {

// Reader::traffic. False when the table cannot be read to the end; what was read until then stands
// in the result.
bool read_traffic(const Database& database, std::vector<TrafficRow>& rows);

}  // namespace elblab::trace
