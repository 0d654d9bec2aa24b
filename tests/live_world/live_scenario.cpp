#include "tests/live_world/live_scenario.hpp"

#include <cstdlib>
#include <stdexcept>

#include "scenarios/language/scenario_file.hpp"

namespace elblab::live::test {

language::Scenario short_connections(std::chrono::seconds length, const std::string& more) {
  return scenario_from(R"(scenario: LIVE-TEST
title: A few short connections
profile: dedicated
hosts:
  c1:      {role: client, link: {rate: 1Gbps, delay: 1ms}}
  b[1..2]: {role: server, link: {rate: 1Gbps, delay: 200us}}
balancer:
  listeners: {web: {protocol: tcp, port: 80, group: app}}
  groups:    {app: {servers: {"b[1..2]": {port: 90}}}}
workload:
  burst: {from: c1, to: web, short_connections: 100/s, for: )" +
                       std::to_string(length.count()) +
                       R"(s, request: 200B, response: 1KB, closes: client}
duration: )" + std::to_string(length.count() + 1) +
                       "s\n" + more);
}

language::Scenario scenario_from(const std::string& text) {
  const auto loaded = language::ScenarioFile::parse(text, "live-test.elb.yaml");
  std::string errors;
  for (const auto& error : loaded.errors) errors += error.to_string() + "\n";
  if (loaded.file == nullptr) throw std::runtime_error(errors);
  auto decoded = loaded.file->decode(loaded.file->runs().front());
  for (const auto& error : decoded.errors) errors += error.to_string() + "\n";
  if (!decoded.scenario) throw std::runtime_error(errors);
  return std::move(*decoded.scenario);
}

std::vector<std::string> namespaces_of(pid_t process) {
  std::vector<std::string> names;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(kNamespaceDirectory, none)) {
    const std::string name = entry.path().filename();
    const auto owner = namespace_owner(name);
    if (owner && owner->pid == process) names.push_back(name);
  }
  return names;
}

double total_of(const trace::Reader& reader, const std::string& measure,
                const std::string& object) {
  const auto series = reader.find_series(measure, object);
  if (!series) throw std::runtime_error("no series " + measure + "(" + object + ")");
  double sum = 0;
  for (const trace::Point& point : reader.samples(series->id, kStart, kNever)) sum += point.value;
  return sum;
}

}  // namespace elblab::live::test
