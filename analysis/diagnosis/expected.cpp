#include "analysis/diagnosis/expected.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace elblab::diagnosis {
namespace {

std::vector<std::string> first_causes(const Diagnosis& diagnosis, std::size_t most) {
  std::vector<std::string> causes;
  for (const Finding& finding : diagnosis.found) {
    if (causes.size() < most) causes.push_back(finding.cause);
  }
  return causes;
}

bool agrees(const language::DiagnosisExpectation& expected, const Diagnosis& diagnosis) {
  if (expected.causes.empty()) return diagnosis.nothing_wrong();
  const auto causes = first_causes(diagnosis, expected.causes.size());
  return std::is_permutation(causes.begin(), causes.end(), expected.causes.begin(),
                             expected.causes.end());
}

}  // namespace

std::string top_causes(const Diagnosis& diagnosis, std::size_t most) {
  const auto causes = first_causes(diagnosis, std::max<std::size_t>(most, 1));
  if (!causes.empty()) return fmt::format("{}", fmt::join(causes, " and "));
  return diagnosis.nothing_wrong() ? "none" : "no known cause";
}

expectations::Verdict evaluate(const language::DiagnosisExpectation& expected,
                               const Diagnosis& diagnosis) {
  expectations::Verdict verdict;
  verdict.expectation.measure.name = "diagnosis";
  verdict.expectation.line = expected.line;
  verdict.holds = agrees(expected, diagnosis);
  verdict.measured_text = top_causes(diagnosis, expected.causes.size());
  verdict.expected_text = expected.expected_text;
  return verdict;
}

}  // namespace elblab::diagnosis
