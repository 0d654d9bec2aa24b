#include "scenarios/language/resolver.hpp"

#include <algorithm>

#include "scenarios/language/suggestion.hpp"

namespace elblab::language {

const HostEntry* Resolution::find_host(const std::string& name) const {
  const auto found = hosts.find(name);
  return found == hosts.end() ? nullptr : &document.hosts[found->second];
}

std::string Resolution::nearest_host(const std::string& name, HostRole role) const {
  std::vector<std::string> known;
  for (const HostEntry& host : document.hosts) {
    if (host.spec.role == role || host.spec.role == HostRole::any) known.push_back(host.name);
  }
  return nearest(name, known);
}

void Resolution::offer_service(const std::string& host_name, std::uint16_t port, bool udp) {
  const std::size_t index = hosts.at(host_name);
  const std::optional<ServiceEntry>& service = document.hosts[index].service;
  if (!service || !service->ports) return open_port(index, port, udp);
  for (const std::uint16_t own : *service->ports) open_port(index, own, udp);
}

void Resolution::open_port(std::size_t host, std::uint16_t port, bool udp) {
  auto& services = scenario.hosts[host].services;
  workload::ServerParameters service = document.hosts[host].service.value_or(ServiceEntry());
  service.port = port;
  service.udp = udp;
  const auto key = [](const workload::ServerParameters& s) { return std::pair(s.port, s.udp); };
  const auto at = std::lower_bound(services.begin(), services.end(), service,
                                   [&](const auto& a, const auto& b) { return key(a) < key(b); });
  if (at == services.end() || key(*at) != key(service)) services.insert(at, service);
}

bool Resolution::is_run(const std::string& name) const {
  if (runs != nullptr) return runs->contains(name);
  return std::any_of(document.runs.begin(), document.runs.end(),
                     [&](const RunEntry& run) { return run.name == name; });
}

std::string Resolution::nearest_run(const std::string& name) const {
  std::vector<std::string> known;
  if (runs != nullptr) known.assign(runs->begin(), runs->end());
  for (const RunEntry& run : document.runs) known.push_back(run.name);
  return nearest(name, known);
}

void resolve(Document& document, const Node& tree, const std::string& run, const RunNames& runs,
             Diagnostics& diagnostics, Scenario& scenario) {
  scenario.id = document.id;
  scenario.run = run;
  scenario.title = document.title;
  scenario.exercises = document.exercises;
  scenario.profile = document.profile;
  scenario.sample_interval = document.sample_interval;
  for (const RunEntry& each : document.runs) {
    if (each.name == run) scenario.run_title = each.title;
  }
  Resolution r{document, tree, diagnostics, scenario, {}, &runs};
  resolve_network(r);
  if (diagnostics.empty()) resolve_middleboxes(r);
  if (diagnostics.empty()) resolve_hosts(r);
  if (diagnostics.empty()) complete_middleboxes(r);
  if (diagnostics.empty()) resolve_balancers(r);
  if (diagnostics.empty()) check_middleboxes(r);
  if (diagnostics.empty()) resolve_filters(r);
  if (diagnostics.empty()) resolve_relays(r);
  if (diagnostics.empty()) resolve_workloads(r);
  if (diagnostics.empty()) resolve_timeline(r);
  if (diagnostics.empty()) resolve_expectations(r, run);
}

}  // namespace elblab::language
