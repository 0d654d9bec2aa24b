// A balancer on its own, for worlds that need no hosts: what `elblab replay --balancer` reads.
//
// Either a balancer file, with `profile` and `balancer` as in a scenario, whose servers carry their
// addresses themselves, or a scenario file, whose balancer and server addresses are those of its
// first run:
//
//   profile: dedicated
//   balancer:
//     address: 198.51.100.10
//     listeners: {web: {protocol: tcp, port: 80, group: app}}
//     groups: {app: {servers: {"b[1..4]": {address: 10.0.1.11-10.0.1.14, port: 90}}}}
//
// As strict as scenario files, with the same located errors (scenario_file.hpp).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/config/load_balancer.hpp"
#include "scenarios/language/scenario_file.hpp"

namespace elblab::language {

// Exactly one of errors and balancers is filled, at least one each.
struct BalancerLoaded {
  std::vector<Diagnostic> errors;
  std::vector<config::LoadBalancer> balancers;
  std::string source_text;  // the file as read
  // Of a scenario file, its first run: the hosts around the balancer and what stands in packets'
  // way.
  std::optional<Scenario> surroundings;
};

// `profile` replaces the one that the file names; nullopt: the file's own.
BalancerLoaded load_balancer_file(const std::filesystem::path& path,
                                  const std::optional<std::string>& profile = {});
BalancerLoaded parse_balancer(std::string_view text, const std::string& file_name,
                              const std::optional<std::string>& profile = {});

// Whether the file is a balancer on its own, right or not; false for scenarios and for anything
// that cannot be read.
bool is_balancer_file(const std::filesystem::path& path);

}  // namespace elblab::language
