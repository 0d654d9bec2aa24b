// The histograms of response times out of the tables.
#pragma once

#include <string_view>
#include <vector>

#include "analysis/trace/database.hpp"
#include "analysis/trace/reader.hpp"

namespace elblab::trace {

// Reader::latencies. False when the table cannot be read to the end; what was read until then
// stands in the result.
bool read_latencies(const Database& database, std::string_view workload, Instant from, Instant to,
                    std::vector<LatencyBucket>& buckets);

}  // namespace elblab::trace
