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
    if (host.spec.role == role) known.push_back(host.name);
  }
  return nearest(name, known);
}

void resolve(Document& document, const Node& tree, const std::string& run, Diagnostics& diagnostics,
             Scenario& scenario) {
  scenario.id = document.id;
  scenario.run = run;
  scenario.title = document.title;
  scenario.exercises = document.exercises;
  scenario.profile = document.profile;
  scenario.sample_interval = document.sample_interval;
  for (const RunEntry& each : document.runs) {
    if (each.name == run) scenario.run_title = each.title;
  }
  Resolution r{document, tree, diagnostics, scenario, {}};
  resolve_hosts(r);
  if (diagnostics.empty()) resolve_balancers(r);
  if (diagnostics.empty()) resolve_workloads(r);
  if (diagnostics.empty()) resolve_timeline(r);
  if (diagnostics.empty()) resolve_expectations(r, run);
}

}  // namespace elblab::language
