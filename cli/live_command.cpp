// elblab live: execute scenarios on real Linux hosts in network namespaces, and judge them; or put
// the user into one of these hosts.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <limits>
#include <memory>
#include <utility>

#include "cli/commands.hpp"
#include "cli/printing/shell_announcement.hpp"
#include "cli/run_arguments.hpp"
#include "live/network/privileges.hpp"
#include "live/shell_run.hpp"

namespace elblab::cli {
namespace {

struct LiveArguments {
  RunArguments run;
  bool shell = false;
  std::string host;
  std::string serve;
  bool no_servers = false;
  std::vector<std::string> command;
};

ExitCode run_live(RunArguments arguments) {
  // Each seed takes its time on the wall: one, unless more are asked for.
  if (!arguments.plan.seeds) arguments.plan.seeds = 1;
  return run_and_judge(std::move(arguments));
}

live::ShellOptions shell_options(const LiveArguments& arguments, const Job& job) {
  live::ShellOptions options;
  options.seed = job.seed;
  options.packet_io = job.packet_io;
  options.pcap_folder = job.pcap_folder;
  options.host = arguments.host;
  options.servers = !arguments.no_servers;
  options.serve = arguments.serve;
  options.log_folder = std::filesystem::path(job.trace).replace_extension(".servers");
  return options;
}

// The words after the scenario are the program to run instead of a shell. (CLI11 gives them to the
// first positional that takes several.)
ExitCode open_shell(LiveArguments arguments) {
  Terminal err(stderr);
  std::vector<std::string>& what = arguments.run.plan.what;
  std::vector<std::string> command(what.begin() + 1, what.end());
  command.insert(command.end(), arguments.command.begin(), arguments.command.end());
  what.resize(1);
  RunPlan plan;
  if (!plan_runs(arguments.run, plan, err)) return ExitCode::bad_input;
  if (plan.scenarios.size() != 1) {
    err.write("--shell: name one scenario, not an area or a folder\n");
    return ExitCode::bad_input;
  }
  const Job& job = plan.jobs.front();
  const language::Scenario& scenario = plan.scenario_of(job);
  if (const auto problem = live::unknown_host(scenario, arguments.host)) {
    err.write("--in: " + *problem + "\n");
    return ExitCode::bad_input;
  }
  live::ShellOptions options = shell_options(arguments, job);
  options.announce = [&](const live::Topology& topology) {
    if (!command.empty()) return;
    err.write(shell_announcement(scenario, topology, {!options.serve.empty(), options.servers}));
    err.flush();
  };
  options.command = command;
  const auto status = live::run_shell(scenario, options);
  if (status) return static_cast<ExitCode>(*status);
  err.write(status.error().message + "\n");
  return ExitCode::could_not_run;
}

ExitCode run(const LiveArguments& arguments) {
  if (const auto allowed = live::check_privileges(); !allowed) {
    Terminal(stderr).write(allowed.error().message + "\n");
    return ExitCode::could_not_run;
  }
  return arguments.shell ? open_shell(arguments) : run_live(arguments.run);
}

void add_shell_options(CLI::App& command, LiveArguments& arguments) {
  CLI::Option* shell = command.add_flag(
      "--shell", arguments.shell,
      "Build the topology, start the balancer and the servers, and open a shell in the first "
      "client's namespace; or run the command after --");
  // At least one word, or CLI11 ends the subcommand at --.
  command.add_option("command", arguments.command, "With --shell: a program instead of the shell")
      ->type_name("-- PROGRAM ARGUMENTS")
      ->expected(1, std::numeric_limits<int>::max());
  command.add_option("--in", arguments.host, "The shell in this host's namespace")
      ->type_name("HOST")
      ->needs(shell);
  CLI::Option* serve =
      command
          .add_option("--serve", arguments.serve,
                      "What serves in each server's namespace, with {port}, {address} and {host}")
          ->type_name("COMMAND")
          ->needs(shell);
  command.add_flag("--no-servers", arguments.no_servers, "Nobody serves: you do")
      ->needs(shell)
      ->excludes(serve);
}

void add_packet_io_option(CLI::App& command, PlanOptions& plan) {
  command
      .add_option_function<std::string>(
          "--packet-io",
          [&plan](const std::string& name) {
            if (name == "xdp") plan.packet_io = live::PacketIoKind::af_xdp;
          },
          "How the balancer takes packets: ring (TPACKET_V2) or xdp (AF_XDP)")
      ->check(CLI::IsMember({"ring", "xdp"}))
      ->default_str("ring");
}

}  // namespace

void add_live_command(CLI::App& app, Action& chosen) {
  auto* command = app.add_subcommand(
      "live", "Run scenarios on real Linux hosts in network namespaces, in real time");
  auto arguments = std::make_shared<LiveArguments>();
  arguments->run.plan.worlds = {World::live};
  arguments->run.plan.variant = language::Variant::live;
  add_run_options(*command, arguments->run);
  add_packet_io_option(*command, arguments->run.plan);
  add_shell_options(*command, *arguments);
  command->footer(R"(
Examples:
  elblab live TW-01 --run symptom
  elblab live TW-02 --pcap --out /tmp/traces
  elblab live --shell TW-01 --serve 'python3 -m http.server {port}'
  elblab live --shell TW-01 --in b1 --no-servers
  elblab live --shell TW-01 -- ping -c 3 198.51.100.10

Needs root, or CAP_SYS_ADMIN, CAP_NET_ADMIN and CAP_NET_RAW. Everything happens in network
namespaces of its own, which are removed at the end. What runs is the scenario with the changes of
its `live` section. Traces are <DIR>/<id>.<run>.seed<n>.live.db. With --shell the exit code is that
of the shell or command.)");
  command->callback([arguments, &chosen] { chosen = [arguments] { return run(*arguments); }; });
}

}  // namespace elblab::cli
