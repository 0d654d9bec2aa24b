// What one command is going to execute: scenarios × runs × seeds × worlds, decoded and checked
// before anything starts.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/runs/scenario_library.hpp"
#include "cli/runs/world.hpp"
#include "live/packet_io/packet_io.hpp"
#include "scenarios/language/scenario_file.hpp"

namespace elblab::cli {

// Why a (run, seed) is executed. The passes after `main` exist to compare traces with it
// (--check-determinism) and are not judged.
enum class Pass : std::uint8_t { main, same_scheduler, other_scheduler };

struct PlannedScenario {
  std::unique_ptr<language::ScenarioFile> file;
  std::vector<language::Scenario> runs;
  std::vector<std::uint64_t> seeds;
  // Why it could only be simulated, of the first of its runs; of a file with a live section none.
  std::optional<language::Diagnostic> not_live = {};
};

// One execution, in one child process. scenario and run are indices into the plan.
struct Job {
  std::size_t scenario = 0;
  std::size_t run = 0;
  std::uint64_t seed = 1;
  World world = World::simulation;
  live::PacketIoKind packet_io{};  // of a live run
  unsigned repetition = 1;         // of a live run
  Pass pass = Pass::main;
  std::filesystem::path trace;
  std::optional<std::filesystem::path> pcap_folder;
  worlds::PacketKeeping packets = worlds::PacketKeeping::some;
};

struct RunPlan {
  std::vector<PlannedScenario> scenarios;
  std::vector<Job> jobs;           // scenario by scenario, run by run, seed by seed, by world
  std::vector<std::string> notes;  // what the user did not ask for in so many words

  const language::Scenario& scenario_of(const Job& job) const {
    return scenarios[job.scenario].runs[job.run];
  }
  // "TW-01 symptom seed 1", and the world where it is not the simulation
  std::string title_of(const Job& job) const;
};

struct PlanOptions {
  std::vector<std::string> what;  // ids, areas, files, folders
  std::vector<std::string> runs;  // empty: all
  std::vector<language::Override> overrides;
  std::optional<std::uint64_t> seed;  // the first seed
  std::optional<unsigned> seeds;      // how many, counting up from `seed` or 1
  std::vector<World> worlds{World::simulation};
  // live: the runs of the file's `live` section, with its changes; all runs where it has none.
  language::Variant variant = language::Variant::as_written;
  // Leaves out, with a note, the files that have no live section; an error when none has one.
  bool only_with_live_section = false;
  live::PacketIoKind packet_io = live::PacketIoKind::packet_ring;
  unsigned repeat = 1;  // how often each run is run live
  std::filesystem::path out = "out";
  bool pcap = false;
  worlds::PacketKeeping packets = worlds::PacketKeeping::some;
  bool check_determinism = false;
};

// Live runs get client addresses of their own, but for the first and those whose files name
// addresses; a note says which share some even so (address_conflicts.hpp).
//
// Fills `plan`; returns the messages of everything that is wrong with the input (none: the plan is
// good). Every file and run is decoded, so that a mistake in the last file shows before the first
// run starts.
std::vector<std::string> make_plan(const ScenarioLibrary& library, const PlanOptions& options,
                                   RunPlan& plan);

}  // namespace elblab::cli
