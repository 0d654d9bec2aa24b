// A trace made by hand: 1,000 connections through a balancer to two servers in turn, one every
// 0.1 s for 100 s, sampled every second. A test changes what is recorded, row by row.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "analysis/trace/reader.hpp"
#include "analysis/trace/writer.hpp"
#include "tests/temporary_folder.hpp"

namespace elblab::comparison::test {

struct Changes {
  std::function<void(trace::RunMetadata&)> run = [](auto&) {};
  // Which server connection i goes to: 0 or 1.
  std::function<int(int i)> server = [](int i) { return i % 2; };
  // A connection as the client saw it.
  std::function<void(int i, telemetry::ConnectionRecord&)> connection = [](int, auto&) {};
  // `connected` (a counter, 10 every second) and `established` (a gauge, i % 10 at second i).
  std::function<void(int i, Instant& at, double& value)> connected = [](int, auto&, auto&) {};
  std::function<void(int i, Instant& at, double& value)> established = [](int, auto&, auto&) {};
  bool complete = true;
  bool a_series_more = false;  // `failed`: 1 every second
  int drops = 0;               // packets dropped, for `drop_reason`
  telemetry::Reason drop_reason = telemetry::Reason::link_down;
};

constexpr int kConnections = 1000;
constexpr int kSeconds = 100;

// Writes the trace and reads it; the file goes away with this object.
class MadeRun {
 public:
  explicit MadeRun(const Changes& changes = {});
  const trace::Reader& reader() const { return *reader_; }

 private:
  testing::TemporaryFolder folder_;
  std::unique_ptr<trace::Reader> reader_;
};

}  // namespace elblab::comparison::test
