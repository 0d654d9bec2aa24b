#include "live/shell_run.hpp"

#include <utility>

#include "live/descendant_guard.hpp"
#include "live/network/privileges.hpp"
#include "live/network/stale_namespaces.hpp"
#include "live/on_time.hpp"
#include "live/shell_session.hpp"
#include "live/shell_signals.hpp"

namespace elblab::live {
std::optional<std::string> unknown_host(const language::Scenario& scenario,
                                        const std::string& wanted) {
  std::string known;
  for (const language::HostSpec& host : scenario.hosts) {
    if (wanted.empty() || host.name == wanted) return std::nullopt;
    known += (known.empty() ? "" : ", ") + host.name;
  }
  return "there is no host '" + wanted + "' (there are: " + known + ")";
}

Expected<int> run_shell(const language::Scenario& scenario, const ShellOptions& options) {
  if (auto allowed = check_privileges(); !allowed) return allowed.error();
  if (auto problem = unknown_host(scenario, options.host)) return Error{std::move(*problem)};
  remove_stale_namespaces();
  const OnTime on_time;
  const ShellSignals signals;
  const auto nowhere = worlds::Recording::open({}, {});
  if (!nowhere) return nowhere.error();
  World world(scenario, {options.seed, options.packet_io, options.pcap_folder}, **nowhere);
  if (auto built = world.build(); !built) return built.error();
  if (options.servers && options.serve.empty()) world.add_servers();
  const DescendantGuard descendants;
  ShellSession session(scenario, options, world, on_time.niceness_before());
  auto status = session.run();
  const auto written = session.finish();
  if (status && !written) return written.error();
  return status;
}

}  // namespace elblab::live
