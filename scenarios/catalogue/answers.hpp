// From a question, or a case that is not built yet, to what can be run today.
#pragma once

#include <vector>

#include "scenarios/catalogue/coverage.hpp"

namespace elblab::catalogue {

// What to run for a question. Pointers are into the coverage.
struct Answer {
  // The row to run first; nullptr when the question has none. Built when `scenario` is set.
  const Row* first = nullptr;
  const KnownScenario* scenario = nullptr;
  // When the first row is not built: the nearest scenario there is, if any.
  const KnownScenario* nearest = nullptr;
  std::vector<const KnownScenario*> also;  // the other rows that are built, in order
  std::vector<const Row*> later;           // those that are not, without the first
};

Answer answer_to(const Question& question, const Coverage& coverage);

// The scenario that shows most of what the case is about; equal ones: of the same area first, then
// in order of the scenarios. Without any: the first built row of a question that names the case.
// nullptr when nothing is near. O(scenarios × exercises).
const KnownScenario* nearest_to(const Row& test_case, const Coverage& coverage);

}  // namespace elblab::catalogue
