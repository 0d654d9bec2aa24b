// elblab sweep: one run of a scenario over a grid of settings, into one table.
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
#include "cli/printing/document_text.hpp"
#include "cli/run_arguments.hpp"
#include "cli/signals/stop_signals.hpp"
#include "cli/sweeps/sweep.hpp"
#include "cli/sweeps/sweep_file.hpp"
#include "cli/sweeps/sweep_maps.hpp"
#include "cli/sweeps/sweep_session.hpp"
#include "cli/text/terminal.hpp"
#include "sim/simulation.hpp"

namespace elblab::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSweepHelp = R"(
PATH is a setting as --set takes it. VALUES are
  1s,5s,10s    these
  1s..50s      up to 10 from 1s to 50s, both among them, evenly spaced
  1s..50s/7s   1s, 8s, 15s, … as far as 50s

MEASURE is a recorded measure with a statistic, of a phase if one is named, or
  detection_s(group/server)      TDET: seconds from a fault until the server is shown unhealthy
  flaps_per_hour(group/server)   FLAP: changes of its shown health per hour

Each cell of the grid is run with each seed, in processes of their own; each run is a row of FILE
as soon as it has ended. The same command goes on where it stopped. No trace stays, unless
--keep-traces says where. docs/sweep.md tells more.

Exit codes: 0 the table is whole, 2 bad input, 4 a run or the table failed, 130 stopped by Ctrl-C.

Examples:
  elblab sweep HC-S04 --over balancer.groups.app.health_check.interval=1s..50s
  elblab sweep UHC-15 --over balancer.groups.names.health_check.interval=1s..50s
      --over balancer.groups.names.health_check.retries=1..10
      --measure 'detection_s(names/b1)' --measure 'flaps_per_hour(names/b2)'
  elblab sweep TW-01 --over hosts.c1.time_wait=10s,30s,60s --measure 'connected(c1):mean@60s..'
  elblab report out/UHC-15.defaults.sweep.csv -o maps.html)";

struct SweepArguments {
  SweepOptions options;
  std::vector<std::string> settings;  // path=value
  unsigned jobs = 0;                  // 0: one per core
  std::string out;
  std::string keep_traces;  // folder
  bool quiet = false;
};

class SweepCommand {
 public:
  explicit SweepCommand(SweepArguments arguments)
      : arguments_(std::move(arguments)), out_(stdout), err_(stderr) {}

  ExitCode run() {
    for (const auto& error : read_settings(arguments_.settings, arguments_.options.settings)) {
      return fail(error, ExitCode::bad_input);
    }
    const auto sweep = Sweep::make(ScenarioLibrary::of_this_process(), arguments_.options);
    if (!sweep) return fail(sweep.error().message, ExitCode::bad_input);
    if (const auto checked = check(*sweep); !checked) {
      return fail(checked.error().message, ExitCode::bad_input);
    }
    const StopSignals signals;
    ScratchFolder scratch;  // removed before a signal ends the program again
    const auto folder = trace_folder(scratch);
    if (!folder) return fail(folder.error().message, ExitCode::could_not_run);
    auto file = SweepFile::open(table_path(*sweep), sweep->header(program()));
    if (!file) {
      return fail(file.error().message,
                  file.error().is_foreign ? ExitCode::bad_input : ExitCode::could_not_run);
    }
    return run(*sweep, *file, *folder);
  }

 private:
  ExitCode fail(const std::string& message, ExitCode code) {
    err_.write(message + "\n");
    return code;
  }

  Expected<void> check(const Sweep& sweep) {
    constexpr std::size_t kNoticed = 2000;  // takes seconds
    if (sweep.grid().size() > kNoticed && !arguments_.quiet) {
      err_.write(fmt::format("checking {} cells\n", sweep.grid().size()));
    }
    return sweep.check_cells();
  }

  ExitCode run(const Sweep& sweep, SweepFile& file, const fs::path& folder) {
    if (const std::size_t there = file.table().size(); there > 0 && !arguments_.quiet) {
      err_.write(fmt::format("{}: {} of {} runs are there already\n", file.path().string(), there,
                             sweep.size()));
    }
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    SweepSessionOptions options;
    options.jobs = arguments_.jobs > 0 ? arguments_.jobs : cores;
    options.folder = folder;
    options.keep_traces = !arguments_.keep_traces.empty();
    options.quiet = arguments_.quiet;
    const ExitCode code = SweepSession(sweep, file, options, err_).run();
    if (code != ExitCode::holds) return code;
    out_.write(out_.styled(title_of(file.table()), Style::bold) + "\n");
    out_.write(document_text(map_blocks(file.table()), file.path().string(), out_));
    out_.write(
        fmt::format("table {}   elblab report it: the same as a page\n", file.path().string()));
    out_.flush();
    return code;
  }

  fs::path table_path(const Sweep& sweep) const {
    if (!arguments_.out.empty()) return arguments_.out;
    return fs::path("out") / fmt::format("{}.{}.sweep.csv", sweep.file().id(), sweep.run());
  }

  Expected<fs::path> trace_folder(ScratchFolder& scratch) {
    if (arguments_.keep_traces.empty()) {
      if (auto made = scratch.make(); !made) return made.error();
      return scratch.path();
    }
    std::error_code error;
    fs::create_directories(arguments_.keep_traces, error);
    if (!error) return fs::path(arguments_.keep_traces);
    return Error{fmt::format("--keep-traces {}: cannot make the folder: {}", arguments_.keep_traces,
                             error.message())};
  }

  static std::string program() {
    return fmt::format("elblab {} ({})", ELBLAB_VERSION, sim::world_version());
  }

  SweepArguments arguments_;
  Terminal out_;
  Terminal err_;
};

}  // namespace

void add_sweep_command(CLI::App& app, Action& chosen) {
  auto* command =
      app.add_subcommand("sweep", "Run a scenario over a grid of settings, into one table");
  auto arguments = std::make_shared<SweepArguments>();
  SweepOptions& options = arguments->options;
  const auto many = CLI::MultiOptionPolicy::TakeAll;
  command->add_option("scenario", options.what, "An id or a file")->required()->type_name("WHAT");
  command->add_option("--run", options.run, "Which run (default: the first of the scenario)")
      ->type_name("NAME");
  command->add_option("--over", options.over, "A setting and its values (may be repeated)")
      ->required()
      ->type_name("PATH=VALUES")
      ->expected(1)
      ->multi_option_policy(many);
  command
      ->add_option("--measure", options.measures,
                   "What to read from each run (may be repeated; default: what it expects)")
      ->type_name("MEASURE:STAT[@FROM..TO]")
      ->expected(1)
      ->multi_option_policy(many);
  command->add_option("--set", arguments->settings, "Change every cell (may be repeated)")
      ->type_name("PATH=VALUE")
      ->expected(1)
      ->multi_option_policy(many);
  command->add_option("--seeds", options.seeds, "How many seeds of each cell, from 1 on")
      ->check(CLI::Range(1U, 10000U))
      ->capture_default_str();
  command->add_option("--jobs,-j", arguments->jobs, "Runs at a time (default: one per core)")
      ->check(CLI::Range(1U, 1024U));
  command->add_option("--out,-o", arguments->out, "The table (default: out/<id>.<run>.sweep.csv)")
      ->type_name("FILE");
  command->add_option("--keep-traces", arguments->keep_traces, "Keep the traces in this folder")
      ->type_name("DIR");
  command->add_flag("--quiet,-q", arguments->quiet, "No progress");
  command->footer(kSweepHelp);
  command->callback(
      [arguments, &chosen] { chosen = [arguments] { return SweepCommand(*arguments).run(); }; });
}

}  // namespace elblab::cli
