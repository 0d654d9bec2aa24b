// Reads a trace, read-only; never changes the file, also while it is being written.
//
// Values come from the multi-resolution tables where a range is long. Errors are values with a
// message that says what the file is and what to do (no trace, newer schema, truncated).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analysis/trace/writer.hpp"

namespace elblab::trace {

struct ReadError {
  std::string message;
};

struct Point {
  Instant at;
  double value = 0;
};

struct SeriesInfo {
  telemetry::SeriesId id = 0;
  std::string name;
  std::string object;
  std::string unit;
  SeriesKind kind = SeriesKind::gauge;
};

struct ReasonCount {
  std::string object;
  std::string kind;
  std::string reason;
  std::uint64_t count = 0;
};

class Reader {
 public:
  static std::optional<ReadError> open(const std::filesystem::path& path,
                                       std::unique_ptr<Reader>& reader);
  ~Reader();

  const RunMetadata& metadata() const;
  bool complete() const;
  Instant end_of_run() const;

  std::vector<SeriesInfo> series() const;
  std::optional<SeriesInfo> find_series(const std::string& name, const std::string& object) const;
  // Samples with from <= at < to, in time order, at full resolution.
  std::vector<Point> samples(telemetry::SeriesId series, Instant from, Instant to) const;
  // Events and connection outcomes, counted by object, kind and reason, over the whole run.
  std::vector<ReasonCount> reason_counts() const;
  // 64-bit digest over every row of every table, in order, without wall_ columns: equal traces
  // have equal digests.
  std::uint64_t digest() const;

 private:
  class Impl;
  explicit Reader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace elblab::trace
