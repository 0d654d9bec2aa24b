// A diagnosis as data, for programs. (For people it is told by analysis/reports/telling.hpp.)
#pragma once

#include <string>
#include <vector>

#include "analysis/diagnosis/diagnosis.hpp"

namespace elblab::cli {

struct DiagnosedTrace {
  std::string trace;  // as the user gave it
  trace::RunMetadata run;
  diagnosis::Diagnosis diagnosis;
  std::vector<std::string> notes;  // of a capture: roles, and what it lacks
};

// An array with one object per trace: trace, scenario, run, world, seed, verdict, symptoms, found,
// ruled_out, not_observable. Times in seconds; a time that has no end is null.
std::string diagnoses_as_json(const std::vector<DiagnosedTrace>& traces);

}  // namespace elblab::cli
