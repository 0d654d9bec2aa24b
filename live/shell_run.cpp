#include "live/shell_run.hpp"

#include "live/descendant_guard.hpp"
#include "live/network/privileges.hpp"
#include "live/network/stale_namespaces.hpp"
#include "live/on_time.hpp"
#include "live/shell_session.hpp"
#include "live/shell_signals.hpp"

namespace elblab::live {
namespace {

Failure run_checked(const language::Scenario& scenario, const ShellOptions& options, int& status) {
  if (auto refusal = live_refused()) return refusal;
  if (auto failure = unknown_host(scenario, options.host)) return failure;
  remove_stale_namespaces();
  const OnTime on_time;
  const ShellSignals signals;
  const auto nowhere = worlds::Recording::open({}, {});
  if (!nowhere) return nowhere.error().message;
  World world(scenario, {options.seed, options.packet_io, options.pcap_folder}, **nowhere);
  if (auto failure = world.build()) return failure;
  if (options.servers && options.serve.empty()) world.add_servers();
  const DescendantGuard descendants;
  ShellSession session(scenario, options, world, on_time.niceness_before());
  const Failure failure = session.run(status);
  const Failure written = session.finish();
  return failure ? failure : written;
}

}  // namespace

std::optional<std::string> unknown_host(const language::Scenario& scenario,
                                        const std::string& wanted) {
  std::string known;
  for (const language::HostSpec& host : scenario.hosts) {
    if (wanted.empty() || host.name == wanted) return std::nullopt;
    known += (known.empty() ? "" : ", ") + host.name;
  }
  return "there is no host '" + wanted + "' (there are: " + known + ")";
}

ShellResult run_shell(const language::Scenario& scenario, const ShellOptions& options) {
  ShellResult result;
  result.error = run_checked(scenario, options, result.status).value_or("");
  return result;
}

}  // namespace elblab::live
