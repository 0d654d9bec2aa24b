// Samples of one series out of the tables, at full or at lower resolution.
#pragma once

#include <cstddef>
#include <vector>

#include "analysis/trace/database.hpp"
#include "analysis/trace/reader.hpp"

namespace elblab::trace {

// Reader::samples and Reader::buckets. False when the tables cannot be read to the end; what was
// read until then stands in the result.
bool read_samples(const Database& database, telemetry::SeriesId series, Instant from, Instant to,
                  std::vector<Point>& samples);
bool read_buckets(const Database& database, telemetry::SeriesId series, Instant from, Instant to,
                  std::size_t columns, CurveDetail detail, std::vector<Bucket>& buckets);

}  // namespace elblab::trace
