// Tries random worlds, or scenarios from files, in batches; makes those that show something smaller
// and keeps them.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/exit_code.hpp"
#include "cli/swarm/swarm_log.hpp"
#include "cli/swarm/world_trial.hpp"
#include "cli/text/terminal.hpp"
#include "scenarios/language/tree.hpp"

namespace elblab::cli {

struct SwarmOptions {
  std::uint64_t first_seed = 1;
  std::uint64_t worlds = 100;
  unsigned every_repeated = 10;              // every so many-th world is run three times; 0: none
  unsigned every_live = 0;                   // every so many-th is run live too; 0: none
  std::optional<std::chrono::minutes> time;  // no batch begins after it; what is left goes on later
  std::size_t shrink_tries = 300;
  unsigned jobs = 1;
  std::filesystem::path out;      // for the book and what is kept
  std::filesystem::path scratch;  // for traces
  bool quiet = false;
};

// Something that was found, once per world: of several kinds the first.
struct KeptFinding {
  std::uint64_t seed = 0;
  std::string name;  // of the world or file
  Finding finding;
  std::filesystem::path file;     // smaller; empty: it could not be written
  std::size_t values_before = 0;  // of its tree
  std::size_t values_after = 0;
};

class SwarmSession {
 public:
  // The log and the terminal must outlive the session.
  SwarmSession(const SwarmOptions& options, SwarmLog& log, Terminal& err);

  // Worlds that are in the book are not tried again. interrupted: Ctrl-C; the same call goes on.
  ExitCode run();
  const std::vector<KeptFinding>& kept() const { return kept_; }
  double wall_seconds() const { return wall_seconds_; }
  std::uint64_t tried() const { return tried_; }  // in this session

 private:
  std::vector<std::uint64_t> seeds_to_try() const;
  // false: interrupted, or the book cannot be written
  bool try_batch(const std::vector<std::uint64_t>& seeds);
  bool note(const TriedWorld& subject, const Trial& trial);
  void keep(const TriedWorld& subject, const language::Node& tree, const Trial& trial);
  void show(bool at_end);

  const SwarmOptions& options_;
  SwarmLog& log_;
  Terminal& err_;
  std::vector<KeptFinding> kept_;
  std::uint64_t tried_ = 0;
  std::uint64_t total_ = 0;
  double wall_seconds_ = 0;
  std::chrono::steady_clock::time_point begun_;
  std::string problem_;
};

// Makes the scenario smaller that shows a finding of that kind, and writes it to
// "<kind>.<name>.elb.yaml" in the folder.
KeptFinding keep_smaller(const TriedWorld& subject, const language::Node& tree,
                         const Finding& finding, const SwarmOptions& options);

}  // namespace elblab::cli
