#include "gui/traces/judgement.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/language/scenario_file.hpp"

namespace elblab::gui {

std::size_t Judgement::holding() const {
  return static_cast<std::size_t>(
      std::count_if(verdicts.begin(), verdicts.end(), [](const auto& v) { return v.holds; }));
}

Judgement judge(const trace::Reader& trace) {
  Judgement judgement;
  if (!trace.complete()) {
    judgement.remark = "the run has not ended; only whole runs are judged";
    return judgement;
  }
  const auto& run = trace.metadata();
  const auto loaded = language::ScenarioFile::parse(run.effective_yaml, run.scenario);
  if (!loaded.file) {
    judgement.remark = "the scenario in this trace cannot be read by this elblab";
    return judgement;
  }
  const auto decoded = loaded.file->decode(run.run);
  if (!decoded.scenario) {
    judgement.remark = fmt::format("the scenario in this trace has no run '{}'", run.run);
    return judgement;
  }
  std::size_t relative = 0;
  for (const auto& expectation : decoded.scenario->expectations) {
    if (expectation.relative_to.empty()) {
      judgement.verdicts.push_back(expectations::evaluate(expectation, trace, nullptr));
    } else {
      ++relative;
    }
  }
  if (relative > 0) {
    judgement.remark =
        fmt::format("{} of {} expectations compare with another run and are judged by `elblab run`",
                    relative, decoded.scenario->expectations.size());
  }
  return judgement;
}

}  // namespace elblab::gui
