// elblab swarm: random worlds over the whole language, held against what must always be so.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>
#include <thread>

#include "cli/captures/capture_trace.hpp"
#include "cli/commands.hpp"
#include "cli/signals/stop_signals.hpp"
#include "cli/swarm/swarm_files.hpp"
#include "cli/swarm/swarm_report.hpp"
#include "cli/swarm/swarm_session.hpp"
#include "cli/text/terminal.hpp"
#include "cli/traces/output_file.hpp"
#include "live/network/privileges.hpp"
#include "scenarios/swarm/random_world.hpp"
#include "sim/simulation.hpp"

namespace elblab::cli {
namespace {

namespace fs = std::filesystem;

struct SwarmArguments {
  SwarmOptions options;
  std::vector<std::string> files;
  std::optional<std::uint64_t> show;
  std::string out = "out/swarm";
  std::string json;
  std::string junit;
};

Expected<void> make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error) return {};
  return Error{
      fmt::format("--out {}: cannot make the folder: {}", folder.string(), error.message())};
}

// Equal headers: the same seeds give the same worlds, tried in the same ways.
std::string header_of(const SwarmOptions& options) {
  return fmt::format("elblab {} swarm, {}, every {} three times, every {} live", ELBLAB_VERSION,
                     sim::world_version(), options.every_repeated, options.every_live);
}

ExitCode show_world(std::uint64_t seed, Terminal& out) {
  const swarm::RandomWorld world = swarm::random_world(seed);
  out.write(fmt::format("# elblab swarm --show {}: {}\n", seed, fmt::join(world.features, ", ")));
  if (!world.odd_paths.empty()) {
    out.write(fmt::format("# odd values: {}\n", fmt::join(world.odd_paths, ", ")));
  }
  out.write(world.yaml);
  return ExitCode::holds;
}

ExitCode write_file(const std::string& path, const std::string& text, Terminal& err) {
  if (path.empty()) return ExitCode::holds;
  OutputFile file(path);
  file.write(text);
  const auto closed = file.close();
  if (closed) return ExitCode::holds;
  err.write(closed.error().message + "\n");
  return ExitCode::could_not_run;
}

ExitCode run_swarm(SwarmArguments& arguments, Terminal& out, Terminal& err) {
  SwarmOptions& options = arguments.options;
  options.out = arguments.out;
  auto log = SwarmLog::open(options.out / "swarm.csv", header_of(options));
  if (!log) {
    err.write(log.error().message + "\n");
    return ExitCode::could_not_run;
  }
  SwarmSession session(options, *log, err);
  ExitCode code = session.run();
  const SwarmTotals totals = totals_of(*log);
  out.write(swarm_text(totals, session, out));
  if (code == ExitCode::interrupted) {
    err.write(fmt::format("stopped: {} holds what was tried; the same command goes on from there\n",
                          log->path().string()));
  }
  if (code == ExitCode::holds && totals.findings > 0) code = ExitCode::expectation_failed;
  code = graver(code, write_file(arguments.json, swarm_json(totals, session.kept()), err));
  return graver(code, write_file(arguments.junit, swarm_junit(totals, session.kept()), err));
}

ExitCode run(SwarmArguments arguments) {
  Terminal out(stdout);
  Terminal err(stderr);
  const auto fails = [&](const std::string& message) {
    err.write(message + "\n");
    return ExitCode::could_not_run;
  };
  if (arguments.show) return show_world(*arguments.show, out);
  if (arguments.options.every_live > 0) {
    if (const auto allowed = live::check_privileges(); !allowed) {
      return fails(allowed.error().message);
    }
  }
  const StopSignals signals;  // until the folder is removed
  ScratchFolder scratch;
  if (const auto made = scratch.make(); !made) return fails(made.error().message);
  arguments.options.scratch = scratch.path();
  if (!arguments.files.empty()) return try_files(arguments.files, arguments.options, out, err);
  if (const auto made = make_folder(arguments.out); !made) return fails(made.error().message);
  return run_swarm(arguments, out, err);
}

}  // namespace

void add_swarm_command(CLI::App& app, Action& chosen) {
  auto* command =
      app.add_subcommand("swarm", "Run random worlds and hold them against what must always be so");
  auto arguments = std::make_shared<SwarmArguments>();
  SwarmOptions& options = arguments->options;
  options.jobs = std::max(1U, std::thread::hardware_concurrency());
  command->add_option("files", arguments->files,
                      "Scenario files, or folders of them, to try instead of random worlds");
  command->add_option("--worlds", options.worlds, "How many worlds, one per seed")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{100'000'000}))
      ->capture_default_str();
  command->add_option("--seed", options.first_seed, "The first seed")
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{1'000'000'000'000}))
      ->capture_default_str();
  command
      ->add_option("--repeat-every", options.every_repeated,
                   "Every so many-th world is run three times, once under the other event "
                   "scheduler; 0: none")
      ->check(CLI::Range(0U, 1'000'000U))
      ->capture_default_str();
  command
      ->add_option("--live-every", options.every_live,
                   "Every so many-th world is run on real Linux hosts too (as root); 0: none")
      ->check(CLI::Range(0U, 1'000'000U))
      ->capture_default_str();
  command
      ->add_option_function<unsigned>(
          "--minutes",
          [arguments](unsigned minutes) {
            arguments->options.time = std::chrono::minutes(minutes);
          },
          "Stop after so long; the same command goes on")
      ->check(CLI::Range(1U, 100'000U))
      ->type_name("MINUTES");
  command
      ->add_option("--shrink-tries", options.shrink_tries,
                   "How often a world with a finding is tried in smaller forms")
      ->check(CLI::Range(std::size_t{0}, std::size_t{100'000}))
      ->capture_default_str();
  command->add_option("--jobs,-j", options.jobs, "Runs at a time (default: one per core)")
      ->check(CLI::Range(1U, 1024U));
  command->add_option("--out,-o", arguments->out, "Folder for the book and for what is kept")
      ->type_name("DIR")
      ->capture_default_str();
  command->add_option("--json", arguments->json, "Also write what was found as JSON")
      ->type_name("FILE");
  command->add_option("--junit", arguments->junit, "Also write what was found as JUnit XML")
      ->type_name("FILE");
  command->add_option("--show", arguments->show, "Print the world of this seed and run nothing")
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{1'000'000'000'000}))
      ->type_name("SEED");
  command->add_flag("--quiet,-q", options.quiet, "No progress");
  command->footer(R"(
Examples:
  elblab swarm                             100 random worlds
  elblab swarm --worlds 20000 --seed 1     an hour's; Ctrl-C, and the same command goes on
  elblab swarm --worlds 50 --live-every 5  ten of them on real Linux hosts too
  elblab swarm --show 17                   the world of seed 17
  elblab swarm my-case.elb.yaml            hold a scenario against the same laws

Packets conserved, NAT one to one, sticky clients on one server, drained servers left alone, equal
calls with equal traces, traces whole, a diagnosis and a report of each, bounds of time and memory.
A world that breaks one is made smaller and kept in the folder. docs/swarm.md tells more.

Exit codes: 0 no finding, 1 something was found, 4 could not run, 130 stopped by Ctrl-C.)");
  command->callback([arguments, &chosen] { chosen = [arguments] { return run(*arguments); }; });
}

}  // namespace elblab::cli
