// A balancer on its own, for worlds that need no hosts: what `elblab replay --balancer` reads.
//
// Either a file with `profile` and `balancer` as in a scenario, whose servers carry their addresses
// themselves, or a scenario file, whose balancer and server addresses are taken.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/config/load_balancer.hpp"
#include "scenarios/language/scenario_file.hpp"

namespace elblab::language {

// Exactly one of the two is filled: errors (at least one) or the balancer.
struct BalancerLoaded {
  std::vector<Diagnostic> errors;
  std::optional<config::LoadBalancer> balancer;
  std::string source_text;  // the file as read
};

BalancerLoaded load_balancer_file(const std::filesystem::path& path);
BalancerLoaded parse_balancer(std::string_view text, const std::string& file_name);

}  // namespace elblab::language
