// Small traces with known contents, for tests of the analyzer.
#pragma once

#include <QTemporaryDir>
#include <filesystem>
#include <memory>

#include "analysis/trace/writer.hpp"

namespace elblab::gui::test {

// Ten minutes of TW-01, a sample per second: time_wait(c1) counts 1 … 600 sockets, local_ports(c1)
// stands at 28,232, connected(c1) counts 470 connections per second.
inline constexpr int kSeconds = 600;
inline constexpr double kConnected = 470;
inline constexpr double kPorts = 28'232;

struct MadeTrace {
  std::uint64_t seed = 1;
  double factor = 1;  // of time_wait
  int seconds = kSeconds;
  int connections = 0;  // of c1 with b1 through the balancer, one after the other, a second each
  int changes = 0;      // of the configuration, one after the other, a second each
};

std::filesystem::path write_trace(const QTemporaryDir& folder, const char* name,
                                  const MadeTrace& made = {});

// One that goes on: the writer is still open.
class GrowingTrace {
 public:
  GrowingTrace(const QTemporaryDir& folder, const char* name);
  ~GrowingTrace();

  const std::filesystem::path& path() const { return path_; }
  void add_seconds(int seconds);
  void add_series(const char* name);  // a counter of c1
  void finish();

 private:
  std::filesystem::path path_;
  std::unique_ptr<trace::Writer> writer_;
  int written_ = 0;
};

}  // namespace elblab::gui::test
