// Whether a run showed what its scenario expects: the verdict beside the name of an open trace.
#pragma once

#include <string>
#include <vector>

#include "analysis/expectations/evaluate.hpp"
#include "analysis/trace/reader.hpp"

namespace elblab::gui {

struct Judgement {
  std::vector<expectations::Verdict> verdicts;
  // Why there are fewer than the scenario has, or none; empty: all were judged.
  std::string remark;

  std::size_t holding() const;
  bool holds() const { return holding() == verdicts.size(); }
};

// Of the effective scenario that stands in the trace, with whatever --set changed. Expectations
// relative to another run are left out and remarked. Linear in the samples of the measures
// expected.
Judgement judge(const trace::Reader& trace);

// What the analyzer tells of the effective scenario; empty where this program cannot read it.
struct ScenarioFacts {
  std::string profile;
  // The measures it judges or draws, "time_wait(c1)", each once; may name some that were not
  // recorded.
  std::vector<std::string> expected;
  // Changes and faults in words; an event of the trace names one by its place.
  std::vector<std::string> timeline;
};
ScenarioFacts scenario_facts(const trace::RunMetadata& run);

}  // namespace elblab::gui
