#include "scenarios/language/world_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace elblab::language {
namespace {

using Problems = std::vector<WorldProblem>;

// TCP_TIMEWAIT_LEN of include/net/tcp.h: compiled in (linux-host.md, row 12).
constexpr Duration kKernelTimeWait = std::chrono::seconds(60);
// Ephemeral ports of ns-3's TCP: 49152 … 65535.
constexpr std::uint32_t kNs3Ports = 16384;

// Of hosts with ns-3's own TCP.
void check_native(const HostSpec& host, Problems& problems) {
  const std::string who = fmt::format("host {} cannot be simulated: the TCP of ns-3 ", host.name);
  if (host.link.kind == LinkKind::pooled) {
    problems.push_back({{"hosts", host.name, "link", "kind"},
                        who + "needs a link of kind point_to_point or csma, not pooled"});
  }
  if (host.addresses.size() != 1 || !host.addresses.front().is_v4()) {
    problems.push_back({{"hosts", host.name, "addresses"}, who + "has one IPv4 address"});
  }
  if (std::any_of(host.services.begin(), host.services.end(),
                  [](const auto& s) { return s.udp; })) {
    problems.push_back({{"hosts", host.name, "stack"}, who + "serves no UDP; use stack: model"});
  }
}

void check_native_load(const WorkloadSpec& workload, const HostSpec& host, Problems& problems) {
  const auto& load = workload.parameters;
  const std::string who =
      fmt::format("host {} cannot be simulated with this load: the TCP of ns-3 ", host.name);
  if (load.kind == workload::Kind::datagrams || load.kind == workload::Kind::quic) {
    problems.push_back(
        {{"workload", load.name, "from"}, who + "sends no datagrams; use stack: model"});
  }
  const auto hosts = static_cast<std::uint32_t>(workload.from.size());
  const std::uint32_t share = load.connections / hosts;
  if (load.kind == workload::Kind::persistent_connections && share > kNs3Ports) {
    problems.push_back({{"workload", load.name, "persistent"},
                        fmt::format("{}has {} ports, and its share of the connections is {}; use "
                                    "more hosts or stack: model",
                                    who, kNs3Ports, share)});
  }
}

}  // namespace

std::vector<WorldProblem> problems_in_simulation(const Scenario& scenario) {
  Problems problems;
  std::map<std::string_view, const HostSpec*> native;
  for (const HostSpec& host : scenario.hosts) {
    if (host.stack != HostStack::ns3) continue;
    native.emplace(host.name, &host);
    check_native(host, problems);
  }
  if (native.empty()) return problems;
  for (const WorkloadSpec& workload : scenario.workloads) {
    for (const std::string& name : workload.from) {
      const auto host = native.find(name);
      if (host != native.end()) check_native_load(workload, *host->second, problems);
    }
  }
  return problems;
}

std::vector<WorldProblem> problems_live(const Scenario& scenario) {
  Problems problems;
  for (const HostSpec& host : scenario.hosts) {
    if (host.time_wait != kKernelTimeWait) {
      problems.push_back({{"hosts", host.name, "time_wait"},
                          fmt::format("host {} cannot be run live: a kernel keeps TIME_WAIT for 60 "
                                      "s; set hosts.{}.time_wait: 60s in the live section, and "
                                      "scale net.ipv4.ip_local_port_range instead",
                                      host.name, host.name)});
    }
    if (host.stack != HostStack::model) {
      problems.push_back({{"hosts", host.name, "stack"},
                          fmt::format("host {} cannot be run live: its TCP is that of ns-3; set "
                                      "hosts.{}.stack: model in the live section",
                                      host.name, host.name)});
    }
  }
  return problems;
}

}  // namespace elblab::language
