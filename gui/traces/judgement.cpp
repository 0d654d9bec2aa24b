#include "gui/traces/judgement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "gui/traces/timeline_text.hpp"
#include "scenarios/language/scenario_file.hpp"

namespace elblab::gui {
namespace {

// The run as it was run; nothing, and why, where this program cannot read it.
std::optional<language::Scenario> scenario_of(const trace::RunMetadata& run, std::string& remark) {
  const auto loaded = language::ScenarioFile::parse(run.effective_yaml, run.scenario);
  if (!loaded.file) {
    remark = "the scenario in this trace cannot be read by this elblab";
    return std::nullopt;
  }
  auto decoded = loaded.file->decode(run.run);
  if (!decoded.scenario) {
    remark = fmt::format("the scenario in this trace has no run '{}'", run.run);
  }
  return std::move(decoded.scenario);
}

}  // namespace

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
  const auto scenario = scenario_of(trace.metadata(), judgement.remark);
  if (!scenario) return judgement;
  std::size_t relative = 0;
  for (const auto& expectation : scenario->expectations) {
    if (expectation.relative_to.empty()) {
      judgement.verdicts.push_back(expectations::evaluate(expectation, trace, nullptr));
    } else {
      ++relative;
    }
  }
  if (relative > 0) {
    judgement.remark =
        fmt::format("{} of {} expectations compare with another run and are judged by `elblab run`",
                    relative, scenario->expectations.size());
  }
  return judgement;
}

ScenarioFacts scenario_facts(const trace::RunMetadata& run) {
  ScenarioFacts facts;
  const auto loaded = language::ScenarioFile::parse(run.effective_yaml, run.scenario);
  if (!loaded.file) return facts;
  facts.profile = loaded.file->profile();
  const auto decoded = loaded.file->decode(run.run);
  if (!decoded.scenario) return facts;
  const auto take = [&](const language::Measure& measure) {
    std::string name = measure.to_string();
    if (std::find(facts.expected.begin(), facts.expected.end(), name) == facts.expected.end()) {
      facts.expected.push_back(std::move(name));
    }
  };
  for (const auto& expectation : decoded.scenario->expectations) take(expectation.measure);
  for (const auto& curve : decoded.scenario->curves) take(curve);
  for (const auto& entry : decoded.scenario->timeline) facts.timeline.push_back(text_of(entry));
  return facts;
}

}  // namespace elblab::gui
