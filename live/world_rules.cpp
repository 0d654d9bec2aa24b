#include "live/world_rules.hpp"

#include <algorithm>

#include "worlds/client_group.hpp"

namespace elblab::live {
namespace {

using language::HostSpec;

// TCP_TIMEWAIT_LEN of the kernel: a constant (linux-host.md row 12).
constexpr Duration kTimeWait = std::chrono::seconds(60);

std::optional<std::string> unsupported_host(const HostSpec& host) {
  const std::string who = "host '" + host.name + "'";
  const std::string where = " (the scenario's `live:` section can change it for live runs)";
  if (host.addresses.empty()) return who + " has no address";
  if (host.stack == language::HostStack::ns3) {
    return who + ": stack ns3 exists in simulation only; say stack: model" + where;
  }
  if (host.time_wait != kTimeWait) {
    return who +
           ": the kernel keeps TIME_WAIT for 60 s and nothing changes that; leave time_wait " +
           "at 60s, and scale net.ipv4.ip_local_port_range instead" + where;
  }
  return std::nullopt;
}

// What keeps the host from taking part in the workload; empty: nothing.
std::string problem_of(const language::Scenario& scenario, const workload::ClientParameters& load,
                       const std::string& name) {
  const auto host = std::find_if(scenario.hosts.begin(), scenario.hosts.end(),
                                 [&](const HostSpec& h) { return h.name == name; });
  if (host == scenario.hosts.end()) return "there is no host '" + name + "'";
  if (!worlds::sources_for(*host, load.destination.address).empty()) return {};
  return "host '" + name + "' has no address of the destination's family";
}

std::optional<std::string> unsupported_workload(const language::Scenario& scenario,
                                                const language::WorkloadSpec& workload) {
  for (const std::string& name : workload.from) {
    const std::string problem = problem_of(scenario, workload.parameters, name);
    if (!problem.empty()) return "workload '" + workload.parameters.name + "': " + problem;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> unsupported(const language::Scenario& scenario) {
  for (const HostSpec& host : scenario.hosts) {
    if (auto problem = unsupported_host(host)) return problem;
  }
  for (const language::WorkloadSpec& workload : scenario.workloads) {
    if (auto problem = unsupported_workload(scenario, workload)) return problem;
  }
  return std::nullopt;
}

}  // namespace elblab::live
