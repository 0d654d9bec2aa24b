// elblab: a laboratory that reproduces, measures and explains how an elastic load balancer behaves.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cstdio>
#include <sstream>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/signals/stop_signals.hpp"
#include "cli/text/standard_streams.hpp"
#include "cli/text/terminal.hpp"
#include "scenarios/language/suggestion.hpp"
#include "sim/simulation.hpp"

namespace {

using elblab::cli::ExitCode;
using elblab::cli::Terminal;

constexpr const char* kFooter = R"(
Examples:
  elblab list                          what scenarios there are
  elblab list uneven                   what to run for a word, or for a question of the FAQ
  elblab explain BW-07                 what a name in a message stands for
  elblab run TW-01                     run one, with a verdict on every expectation
  elblab run time-wait --jobs 4        run an area, four runs at a time
  elblab run my-case.elb.yaml --set workload.burst.short_connections=500/s
  elblab run TW-01 --check-determinism run everything three times and compare the traces
  elblab sweep TW-01 --over hosts.c1.time_wait=10s..60s   run a grid of settings, draw the map
  elblab live TW-01                    run it on real Linux hosts, in real time (as root)
  elblab agree TW-01                   simulate it, run it live, compare the two
  elblab diagnose out/TW-01.symptom.db say why a run failed, from its trace
  elblab replay web.pcap -b lb.yaml    send a capture file through a balancer
  elblab health out/UHC-02.closed.db   whom health checks found healthy, and when
  elblab shares lb.yaml                what each server is due, and what moves when one goes
  elblab swarm                         random worlds, held against what must always be so
  elblab validate my-case.elb.yaml     find mistakes without running

Exit codes:
  0 everything holds   1 an expectation failed, or two traces differ   2 bad input
  3 not reproducible   4 could not run (no rights for live runs, disk full, a run crashed)
  130 stopped by Ctrl-C or another signal   141 who read the output has seen enough

Scenarios are looked for in $ELBLAB_SCENARIOS, ./scenarios and beside the program.
'elblab <command> --help' tells more about a command.)";

// CLI11 would only say that a subcommand is required.
std::string unknown_command(const CLI::App& app, const std::string& word) {
  if (word.starts_with('-')) return {};
  std::vector<std::string> known;
  for (const auto* command : app.get_subcommands({})) known.push_back(command->get_name());
  if (std::find(known.begin(), known.end(), word) != known.end()) return {};
  const std::string near = elblab::language::nearest(word, known);
  return fmt::format("no command '{}'{} (there are: {})\n", word,
                     near.empty() ? "" : fmt::format("; did you mean '{}'?", near),
                     fmt::join(known, ", "));
}

ExitCode complain(const std::string& text) {
  Terminal(stderr).write(text);
  return ExitCode::bad_input;
}

ExitCode run_program(int argc, char** argv) {
  CLI::App app("elblab reproduces, measures and explains how an elastic load balancer behaves.",
               "elblab");
  app.set_version_flag("--version",
                       fmt::format("elblab {} ({})", ELBLAB_VERSION, elblab::sim::world_version()));
  app.require_subcommand(1);
  app.footer(kFooter);
  elblab::cli::Action chosen;
  elblab::cli::add_run_command(app, chosen);
  elblab::cli::add_sweep_command(app, chosen);
  elblab::cli::add_live_command(app, chosen);
  elblab::cli::add_compare_command(app, chosen);
  elblab::cli::add_agree_command(app, chosen);
  elblab::cli::add_diagnose_command(app, chosen);
  elblab::cli::add_replay_command(app, chosen);
  elblab::cli::add_import_command(app, chosen);
  elblab::cli::add_query_command(app, chosen);
  elblab::cli::add_export_command(app, chosen);
  elblab::cli::add_score_command(app, chosen);
  elblab::cli::add_swarm_command(app, chosen);
  elblab::cli::add_report_command(app, chosen);
  elblab::cli::add_list_command(app, chosen);
  elblab::cli::add_explain_command(app, chosen);
  elblab::cli::add_coverage_command(app, chosen);
  elblab::cli::add_health_command(app, chosen);
  elblab::cli::add_shares_command(app, chosen);
  elblab::cli::add_show_command(app, chosen);
  elblab::cli::add_validate_command(app, chosen);
  elblab::cli::add_schema_command(app, chosen);
  if (argc < 2) return complain(app.help());
  if (const std::string complaint = unknown_command(app, argv[1]); !complaint.empty()) {
    return complain(complaint);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // CLI11 words help and version (code 0) and mistakes in its own way and numbers.
    std::ostringstream out;
    std::ostringstream err;
    const int code = app.exit(error, out, err);
    Terminal(stdout).write(out.str());
    return code == 0 ? ExitCode::holds : complain(err.str());
  }
  return chosen();
}

}  // namespace

int main(int argc, char** argv) {
  elblab::cli::occupy_standard_streams();
  elblab::cli::ignore_signals_of_writing();
  ExitCode code = ExitCode::could_not_run;
  try {
    code = run_program(argc, argv);
  } catch (const std::exception& failure) {
    Terminal(stderr).write(fmt::format("elblab: {}\n", failure.what()));
  }
  return static_cast<int>(elblab::cli::StandardOutput::close(code));
}
