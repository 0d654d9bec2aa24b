#include "live/world_rules.hpp"

#include "scenarios/language/world_rules.hpp"

namespace elblab::live {

std::optional<std::string> unsupported(const language::Scenario& scenario) {
  auto problems = language::problems_live(scenario);
  if (problems.empty()) return std::nullopt;
  return std::move(problems.front().message);
}

}  // namespace elblab::live
