// What every world's run(scenario, options) is asked and answers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/contract/expected.hpp"
#include "models/time/instant.hpp"
#include "worlds/packets/packet_keeping.hpp"

namespace elblab::worlds {

struct Progress {
  Instant simulated;  // how far the run's own time has come
  Duration duration{};
  double wall_seconds = 0;
  std::uint64_t connections = 0;  // established by clients so far
  std::uint64_t refused = 0;      // refused locally so far
};

struct RunOptions {
  std::uint64_t seed = 1;
  std::filesystem::path trace;                       // empty: record nothing
  PacketKeeping packets = PacketKeeping::some;       // in the trace
  std::optional<std::filesystem::path> pcap_folder;  // one file per link, <folder>/<host>.pcap
  // Called about every `progress_interval` of wall time; return false to stop the run early (the
  // trace is then finished as incomplete).
  std::function<bool(const Progress&)> on_progress;
  Duration progress_interval = std::chrono::milliseconds(100);
};

struct RunResult {
  bool stopped = false;  // on_progress said so
  Progress end;
  std::uint64_t events = 0;   // of the simulator, or turns of the live loop
  std::uint64_t packets = 0;  // packets through the balancer
  bool packets_conserved = true;
  std::string conservation_problem;
  // Why figures may describe the machine rather than the balancer: a live run that fell behind.
  std::vector<std::string> warnings;
  // Live: the longest time by which something came later than it was due. Milliseconds on a free
  // machine; a stall, when the machine stood still or did something else.
  Duration longest_delay{0};
};

// A run that could not begin or not go on: why, and what it had come to by then.
struct RunFailure : Error {
  explicit RunFailure(Error error, RunResult result = {})
      : Error(std::move(error)), so_far(std::move(result)) {}
  RunResult so_far;
};

using RunOutcome = Expected<RunResult, RunFailure>;

}  // namespace elblab::worlds
