#include "scenarios/language/file_kind.hpp"

#include <algorithm>
#include <array>

namespace elblab::language {

FileKind kind_of(const Node& tree) {
  constexpr std::array<std::string_view, 4> kScenarioOnly{"scenario", "hosts", "workload",
                                                          "expect"};
  if (!tree.is_map()) return FileKind::unknown;
  const bool scenario = std::any_of(kScenarioOnly.begin(), kScenarioOnly.end(),
                                    [&](std::string_view key) { return tree.find(key); });
  if (scenario) return FileKind::scenario;
  const bool balancer = tree.find("balancer") || tree.find("balancers");
  return balancer ? FileKind::balancer : FileKind::unknown;
}

}  // namespace elblab::language
