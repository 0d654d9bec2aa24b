// elblab replay: a capture file through a balancer, in the capture's own time.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <memory>
#include <system_error>

#include "cli/captures/capture_roles.hpp"
#include "cli/captures/capture_trace.hpp"
#include "cli/captures/replay_stateful.hpp"
#include "cli/commands.hpp"
#include "cli/packets_option.hpp"
#include "cli/printing/replay_printer.hpp"
#include "cli/printing/replay_progress.hpp"
#include "cli/text/terminal.hpp"
#include "cli/whole_number.hpp"
#include "models/config/probe_nodes.hpp"
#include "pcap/replay/replay.hpp"
#include "scenarios/language/quantities.hpp"

namespace elblab::cli {
namespace {

namespace fs = std::filesystem;

struct ReplayArguments {
  std::string capture;
  CaptureRoles roles;
  std::uint64_t seed = 1;
  unsigned loops = 1;
  std::string until;
  std::string drain;
  std::string trace;
  worlds::PacketKeeping packets = worlds::PacketKeeping::some;
  std::string write;
  bool quiet = false;
  bool stateful = false;
  std::string world = "simulation";
  std::vector<std::string> settings;
};

ExitCode complain(Terminal& err, const std::string& message) {
  err.write(message + "\n");
  return ExitCode::bad_input;
}

// nullopt: the option was not given.
Expected<std::optional<Duration>> read_duration(const char* option, const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto parsed = language::parse_duration(text);
  if (!parsed) return Error{fmt::format("{} {}: {}", option, text, parsed.error().message)};
  return *parsed;
}

Expected<void> read_times(const ReplayArguments& arguments, replay::ReplayOptions& options) {
  const auto until = read_duration("--until", arguments.until);
  if (!until) return until.error();
  const auto drain = read_duration("--drain", arguments.drain);
  if (!drain) return drain.error();
  if (*until) options.until = kStart + **until;
  options.drain = drain->value_or(Duration{0});
  return {};
}

// An output that is the capture itself would destroy it before it is read.
std::string output_problem(const ReplayArguments& arguments) {
  for (const std::string& output : {arguments.write, arguments.trace}) {
    std::error_code error;
    if (!output.empty() && fs::equivalent(output, arguments.capture, error)) {
      return output + ": is the capture that is to be replayed; name another file to write";
    }
  }
  return {};
}

std::uint64_t bytes_to_read(const ReplayArguments& arguments) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(arguments.capture, error);
  return error ? 0 : size * arguments.loops;
}

ExitCode code_of(const replay::ReplayReport& report) {
  if (!report.conservation_problem.empty()) return ExitCode::could_not_run;
  return report.stopped ? ExitCode::interrupted : ExitCode::holds;
}

ExitCode execute(const ReplayArguments& arguments, replay::ReplayOptions& options) {
  Terminal out(stdout);
  Terminal err(stderr);
  ReplayProgressDisplay progress(err, bytes_to_read(arguments), arguments.quiet);
  options.on_progress = [&](const replay::ReplayProgress& at) { return progress.show(at); };
  const auto report = replay::replay(options);
  progress.clear();
  if (!report) {
    err.write(report.error().message + "\n");
    return exit_code_of(report.error());
  }
  if (!arguments.quiet || code_of(*report) != ExitCode::holds) {
    ReplayNames names;
    names.capture = fs::path(arguments.capture).filename().string();
    names.balancer = arguments.roles.balancer;
    names.profile = options.balancers.front().profile->name;
    names.seed = arguments.seed;
    names.wall_seconds = progress.wall_seconds();
    names.trace = arguments.trace;
    names.write = arguments.write;
    names.probe_sources = !options.roles.probe_sources.empty();
    names.checks_health = std::any_of(
        options.balancers.begin(), options.balancers.end(),
        [](const config::LoadBalancer& each) { return config::may_check_health(each); });
    out.write(replay_text(*report, names, out));
    out.flush();
  }
  return code_of(*report);
}

ExitCode replay_packets(const ReplayArguments& arguments, const fs::path& file) {
  Terminal err(stderr);
  replay::ReplayOptions options;
  options.capture = arguments.capture;
  const auto errors = read_roles(arguments.roles, file, options);
  for (const auto& error : errors) err.write(error + "\n");
  if (!errors.empty()) return ExitCode::bad_input;
  options.seed = arguments.seed;
  options.loops = arguments.loops;
  options.trace = arguments.trace;
  options.packets = arguments.packets;
  options.write = arguments.write;
  if (auto read = read_times(arguments, options); !read) {
    return complain(err, read.error().message);
  }
  if (auto error = output_problem(arguments); !error.empty()) return complain(err, error);
  return execute(arguments, options);
}

ExitCode replay_conversations(const ReplayArguments& arguments, const fs::path& file) {
  Terminal err(stderr);
  for (const auto& [given, option] : {std::pair{!arguments.roles.profile.empty(), "--profile"},
                                      {!arguments.roles.map_server.empty(), "--map-server"},
                                      {arguments.roles.guess, "--guess"},
                                      {!arguments.roles.probe_sources.empty(), "--probe-source"},
                                      {arguments.loops != 1, "--loop"},
                                      {!arguments.until.empty(), "--until"},
                                      {!arguments.drain.empty(), "--drain"},
                                      {!arguments.write.empty(), "--write"}}) {
    if (given) return complain(err, fmt::format("{} does not go with --stateful", option));
  }
  StatefulReplay stateful;
  stateful.capture = arguments.capture;
  stateful.balancer = file;
  stateful.map = arguments.roles.map;
  stateful.world = arguments.world;
  stateful.trace = arguments.trace;
  stateful.packets = arguments.packets;
  stateful.seed = arguments.seed;
  stateful.settings = arguments.settings;
  return replay_stateful(stateful);
}

ExitCode run(const ReplayArguments& arguments) {
  Terminal err(stderr);
  const auto file = find_balancer(arguments.roles.balancer);
  if (!file) return complain(err, file.error().message);
  if (arguments.stateful) return replay_conversations(arguments, *file);
  if (!arguments.settings.empty() || arguments.world != "simulation") {
    return complain(err, "--set and --world go with --stateful");
  }
  return replay_packets(arguments, *file);
}

CLI::Option* repeated(CLI::Option* option) {
  return option->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void add_run_options(CLI::App& command, ReplayArguments& arguments) {
  command.add_option("--profile", arguments.roles.profile, "Instead of the balancer file's own")
      ->type_name("NAME");
  command
      .add_option("--seed", arguments.seed, "Of the engine's tables, and so of its choice of node")
      ->check(CLI::Validator(whole_number, ""));
  command.add_option("--loop", arguments.loops, "Replay the capture this often, on end")
      ->check(CLI::Range(1U, 1'000'000U));
  command.add_option("--until", arguments.until, "End at this moment of trace time, e.g. 30s")
      ->type_name("TIME");
  command
      .add_option("--drain", arguments.drain, "Let timers run on after the last record, e.g. 300s")
      ->type_name("TIME");
  command.add_option("--trace", arguments.trace, "Record what happens (SQLite)")->type_name("FILE");
  add_packets_option(command, arguments.packets);
  command.add_option("--write,-w", arguments.write, "Write what the balancer sends (pcap)")
      ->type_name("FILE");
  command.add_flag("--quiet,-q", arguments.quiet, "Only errors");
}

void add_stateful_options(CLI::App& command, ReplayArguments& arguments) {
  command.add_flag("--stateful", arguments.stateful,
                   "Play the capture's conversations between hosts, with fresh sequence numbers");
  command.add_option("--world", arguments.world, "With --stateful: where (simulation or live)")
      ->check(CLI::IsMember({"simulation", "live"}));
  repeated(
      command
          .add_option("--set", arguments.settings,
                      "With --stateful and a scenario: change it, path=value (may be repeated)")
          ->type_name("PATH=VALUE"));
}

}  // namespace

void add_replay_command(CLI::App& app, Action& chosen) {
  auto* command = app.add_subcommand("replay", "Send a capture file through a balancer");
  auto arguments = std::make_shared<ReplayArguments>();
  command->add_option("capture", arguments->capture, "A capture file (pcap, pcapng)")
      ->required()
      ->type_name("CAPTURE");
  command
      ->add_option("--balancer,-b", arguments->roles.balancer,
                   "A balancer file, a scenario file or a scenario's id")
      ->required()
      ->type_name("WHAT");
  add_role_options(*command, arguments->roles);
  add_run_options(*command, *arguments);
  add_stateful_options(*command, *arguments);
  command->footer(R"(
Examples:
  elblab replay web.pcap --balancer lb.yaml --write out.pcap --trace out.db
  elblab replay web.pcap --balancer lb.yaml --guess
  elblab replay web.pcap --balancer lb.yaml --map 203.0.113.5:443=web
  elblab replay web.pcap --balancer TW-01 --stateful

Time is the capture's own; docs/replay.md says how addresses find their roles.)");
  command->callback([arguments, &chosen] { chosen = [arguments] { return run(*arguments); }; });
}

}  // namespace elblab::cli
