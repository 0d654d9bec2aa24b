// A trace made for one test: series with the samples that the test gives.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "analysis/trace/reader.hpp"
#include "analysis/trace/writer.hpp"
#include "tests/temporary_folder.hpp"

namespace elblab::expectations::test {

struct Series {
  std::string name;
  std::string object;
  trace::SeriesKind kind = trace::SeriesKind::gauge;
  std::string unit;
  std::vector<trace::Point> samples;
};

Instant at(double seconds);
// One sample per value, `interval` seconds apart, the first at `interval`.
std::vector<trace::Point> every(double interval, const std::vector<double>& values);

// Writes the trace and reads it; the file goes away with this object.
class RecordedRun {
 public:
  explicit RecordedRun(const std::vector<Series>& series, bool complete = true,
                       Duration sample_interval = std::chrono::seconds(1));
  const trace::Reader& reader() const { return *reader_; }

 private:
  testing::TemporaryFolder folder_;
  std::unique_ptr<trace::Reader> reader_;
};

}  // namespace elblab::expectations::test
