// The catalogue, the scenarios and the citations of the source tree that this test was built from.
#pragma once

#include <vector>

#include "scenarios/catalogue/coverage.hpp"

namespace elblab::catalogue::test {

const std::vector<KnownScenario>& shipped_scenarios();
const Citations& citations_of_the_sources();
const Coverage& coverage_of_the_sources();

}  // namespace elblab::catalogue::test
