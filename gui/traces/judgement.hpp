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

}  // namespace elblab::gui
