// A balancer with the hosts that a replay of conversations needs around it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "scenarios/language/scenario.hpp"

namespace elblab::cli {

// Of a balancer file: a host for each server, fast links. Of a scenario file: the hosts of its
// first run, with overrides ("path=value") applied.
struct BalancerSetting {
  language::Scenario scenario;      // no workloads
  language::HostSpec client;        // what the client host is like; also in the scenario
  std::vector<std::string> errors;  // empty: good
};
BalancerSetting load_balancer_setting(const std::filesystem::path& path,
                                      const std::vector<std::string>& settings);

}  // namespace elblab::cli
