#include "scenarios/catalogue/answers.hpp"

#include <algorithm>

namespace elblab::catalogue {
namespace {

// Whether both are about the same: of two items of one row's list they are not.
bool same_subject(const std::string& a, const std::string& b, const Catalogue& catalogue) {
  if (a == b) return true;
  const Row* row = catalogue.row(a);
  return row != nullptr && row == catalogue.row(b) && (a == row->id || b == row->id);
}

std::size_t shared_rows(const Row& test_case, const KnownScenario& scenario,
                        const Catalogue& catalogue) {
  const auto& shown = scenario.exercises;
  return static_cast<std::size_t>(std::count_if(
      test_case.exercises.begin(), test_case.exercises.end(), [&](const std::string& about) {
        return std::any_of(shown.begin(), shown.end(), [&](const std::string& id) {
          return same_subject(about, id, catalogue);
        });
      }));
}

const KnownScenario* nearest_by_rows(const Row& test_case, const Coverage& coverage) {
  const Catalogue& catalogue = coverage.catalogue();
  const KnownScenario* best = nullptr;
  std::size_t most = 0;
  bool best_at_home = false;
  for (const KnownScenario& scenario : coverage.scenarios()) {
    const std::size_t shared = shared_rows(test_case, scenario, catalogue);
    const Row* own = catalogue.row(scenario.id);
    const bool at_home = own != nullptr && own->area == test_case.area;
    if (shared == 0 || shared < most || (shared == most && (best_at_home || !at_home))) continue;
    best = &scenario;
    most = shared;
    best_at_home = at_home;
  }
  return best;
}

const KnownScenario* first_built(const std::vector<std::string>& ids, const Coverage& coverage) {
  for (const std::string& id : ids) {
    const KnownScenario* scenario = coverage.of(*coverage.catalogue().row(id)).scenario;
    if (scenario != nullptr) return scenario;
  }
  return nullptr;
}

}  // namespace

Answer answer_to(const Question& question, const Coverage& coverage) {
  Answer answer;
  for (const std::string& id : question.run) {
    const Row* row = coverage.catalogue().row(id);
    const KnownScenario* scenario = coverage.of(*row).scenario;
    if (answer.first == nullptr) {
      answer.first = row;
      answer.scenario = scenario;
    } else if (scenario != nullptr) {
      answer.also.push_back(scenario);
    } else {
      answer.later.push_back(row);
    }
  }
  if (answer.first == nullptr || answer.scenario != nullptr) return answer;
  if (!answer.also.empty()) {
    answer.nearest = answer.also.front();
    answer.also.erase(answer.also.begin());
    return answer;
  }
  answer.nearest = nearest_by_rows(*answer.first, coverage);
  for (const Row* row : answer.later) {
    if (answer.nearest == nullptr) answer.nearest = nearest_by_rows(*row, coverage);
  }
  return answer;
}

const KnownScenario* nearest_to(const Row& test_case, const Coverage& coverage) {
  if (const KnownScenario* nearest = nearest_by_rows(test_case, coverage)) return nearest;
  for (const Question* question : coverage.of(test_case).asked_in) {
    if (const KnownScenario* built = first_built(question->run, coverage)) return built;
  }
  return nullptr;
}

}  // namespace elblab::catalogue
