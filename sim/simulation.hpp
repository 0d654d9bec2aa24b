// Runs one scenario in the ns-3 world and writes its trace.
//
// ns-3's simulator is a process-wide singleton: one run at a time per process; runs may follow each
// other. Everything random comes from the seed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "analysis/trace/writer.hpp"
#include "scenarios/language/scenario.hpp"

namespace elblab::sim {

enum class EventScheduler : std::uint8_t { priority_queue, map };

struct Progress {
  Instant simulated;
  Duration duration{};
  double wall_seconds = 0;
  std::uint64_t connections = 0;  // established by clients so far
  std::uint64_t refused = 0;      // refused locally so far
};

struct RunOptions {
  std::uint64_t seed = 1;
  EventScheduler scheduler = EventScheduler::priority_queue;
  std::filesystem::path trace;                       // empty: record nothing
  std::optional<std::filesystem::path> pcap_folder;  // one file per link, <folder>/<host>.pcap
  // Called about every `progress_interval` of wall time; return false to stop the run early (the
  // trace is then finished as incomplete).
  std::function<bool(const Progress&)> on_progress;
  Duration progress_interval = std::chrono::milliseconds(100);
};

struct RunResult {
  std::string error;     // empty: the run ended as planned
  bool stopped = false;  // on_progress said so
  Progress end;
  std::uint64_t events = 0;   // simulator events executed
  std::uint64_t packets = 0;  // packets through the balancer
  bool packets_conserved = true;
  std::string conservation_problem;
};

RunResult run(const language::Scenario& scenario, const RunOptions& options);

// "ns-3.37"
std::string world_version();

}  // namespace elblab::sim
