#include "sim/world_rules.hpp"

#include "scenarios/language/world_rules.hpp"

namespace elblab::sim {

std::optional<std::string> unsupported(const language::Scenario& scenario) {
  auto problems = language::problems_in_simulation(scenario);
  if (problems.empty()) return std::nullopt;
  return std::move(problems.front().message);
}

}  // namespace elblab::sim
