// elblab live: execute scenarios on real Linux hosts in network namespaces, and judge them.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "cli/commands.hpp"
#include "cli/run_arguments.hpp"
#include "live/network/privileges.hpp"

namespace elblab::cli {
namespace {

ExitCode run(RunArguments arguments) {
  if (const auto refusal = live::live_refused()) {
    Terminal(stderr).write(*refusal + "\n");
    return ExitCode::could_not_run;
  }
  // Each seed takes its time on the wall: one, unless more are asked for.
  if (!arguments.plan.seeds) arguments.plan.seeds = 1;
  arguments.plan.worlds = {World::live};
  arguments.plan.variant = language::Variant::live;
  return run_and_judge(std::move(arguments));
}

}  // namespace

void add_live_command(CLI::App& app, Action& chosen) {
  auto* command = app.add_subcommand(
      "live", "Run scenarios on real Linux hosts in network namespaces, in real time");
  auto arguments = std::make_shared<RunArguments>();
  add_run_options(*command, *arguments);
  command
      ->add_option_function<std::string>(
          "--packet-io",
          [arguments](const std::string& name) {
            if (name == "xdp") arguments->plan.packet_io = live::PacketIoKind::af_xdp;
          },
          "How the balancer takes packets: ring (TPACKET_V2) or xdp (AF_XDP)")
      ->check(CLI::IsMember({"ring", "xdp"}))
      ->default_str("ring");
  command->footer(R"(
Examples:
  elblab live TW-01 --run symptom
  elblab live TW-02 --pcap --out /tmp/traces

Needs root, or CAP_NET_ADMIN, CAP_NET_RAW and CAP_SYS_ADMIN. Everything happens in network
namespaces of its own, which are removed at the end. What runs is the scenario with the changes of
its `live` section. Traces are <DIR>/<id>.<run>.seed<n>.live.db.)");
  command->callback([arguments, &chosen] { chosen = [arguments] { return run(*arguments); }; });
}

}  // namespace elblab::cli
