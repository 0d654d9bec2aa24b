// Small scenarios built in code, run, and read back from their traces.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "analysis/trace/reader.hpp"
#include "sim/simulation.hpp"
#include "tests/temporary_folder.hpp"

namespace elblab::sim::test {

enum class Mode { dnat, full_nat };  // client address kept (FWD-10), or the pool's (FWD-01)

// `clients` hosts c1.., `servers` hosts b1.. in one group "app" behind listener "web", and one
// workload "burst" from all clients: 100 short connections per second in total for 2 s, 200 B
// requests, 1 KB responses, the client closes. Runs for 4 s.
language::Scenario small_scenario(language::LinkKind kind, Mode mode = Mode::dnat,
                                  std::size_t clients = 2, std::size_t servers = 2);
workload::ClientParameters& burst(language::Scenario& scenario);

using testing::TemporaryFolder;

// A run that went well, with its trace.
class TracedRun {
 public:
  explicit TracedRun(const language::Scenario& scenario, RunOptions options = {});

  const RunResult& result() const { return result_; }
  const trace::Reader& trace() const { return *reader_; }
  const TemporaryFolder& folder() const { return folder_; }
  bool has_series(const std::string& measure, const std::string& object) const;
  std::vector<trace::Point> samples(const std::string& measure, const std::string& object) const;
  double total(const std::string& measure, const std::string& object) const;
  double maximum(const std::string& measure, const std::string& object) const;
  std::uint64_t events(const std::string& kind, const std::string& reason = "none") const;

 private:
  TemporaryFolder folder_;
  RunResult result_;
  std::unique_ptr<trace::Reader> reader_;
};

}  // namespace elblab::sim::test
