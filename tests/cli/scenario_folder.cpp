#include "tests/cli/scenario_folder.hpp"

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace elblab::test {

namespace fs = std::filesystem;

std::string ScenarioFolder::write(const std::string& name, const std::string& text) const {
  const fs::path file = folder_ / name;
  std::ofstream(file, std::ios::binary) << text;
  return file.string();
}

std::string small_scenario(const std::string& id, int low) {
  return "scenario: " + id + R"(
title: One client exhausts its ports, in small
exercises: [BW-07]
seeds: 2
hosts:
  c1:
    role: client
    link: {rate: 1Gbps, delay: 2ms}
    time_wait: 1s
    sysctl: {net.ipv4.ip_local_port_range: 40000 40019}
  b1: {role: server, addresses: [192.168.1.7]}
balancer:
  listeners:
    web: {protocol: tcp, port: 80, group: app}
  groups:
    app: {servers: {b1: {port: 90}}}
workload:
  burst: {from: c1, to: web, short_connections: 40/s, for: 5s, closes: client}
runs:
  symptom: {}
  remedy: {set: {workload.burst.short_connections: 10/s}}
expect:
  symptom:
    - {measure: time_wait(c1), stat: max, within: [)" +
         std::to_string(low) + R"(, 20]}
    - {measure: refused_locally(c1), stat: total, above: 0}
  remedy:
    - {measure: refused_locally(c1), stat: total, equals: 0}
why: The peak was {max time_wait(c1)}.
)";
}

std::string with(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  if (at == std::string::npos) throw std::logic_error("no '" + from + "' to replace");
  return text.replace(at, from.size(), to);
}

}  // namespace elblab::test
