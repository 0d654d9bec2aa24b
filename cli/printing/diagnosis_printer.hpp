// A diagnosis as text for a person: an argument, not a table.
#pragma once

#include <string>
#include <vector>

#include "analysis/diagnosis/diagnosis.hpp"
#include "cli/text/terminal.hpp"

namespace elblab::cli {

// "certain", "likely", "possible"
std::string confidence_text(diagnosis::Confidence confidence);

class DiagnosisPrinter {
 public:
  // Both must outlive the printer. trace_name: as the user gave it, for what to ask next.
  DiagnosisPrinter(const trace::Reader& trace, std::string trace_name, const Terminal& terminal);

  // Symptoms, causes with their evidence and curves, what was ruled out, and what cannot be told.
  std::string text(const diagnosis::Diagnosis& diagnosis) const;

 private:
  std::string cause(const diagnosis::Finding& finding, std::size_t rank, bool with_share) const;
  std::string evidence(const diagnosis::Evidence& evidence, bool first) const;
  std::string curves(const diagnosis::Evidence& evidence) const;
  std::string connections(const diagnosis::Finding& finding) const;
  std::string labelled(std::string_view label, std::string_view text) const;
  std::string others(const diagnosis::Diagnosis& diagnosis) const;

  const trace::Reader& trace_;
  std::string trace_name_;
  const Terminal& terminal_;
  std::size_t width_;
};

// A few indented lines, for the verdict on a run: causes with their curve, their first evidence and
// the remedies. curves: of diagnosis.found, may be fewer. Empty when nothing is wrong.
std::string compact_diagnosis(const diagnosis::Diagnosis& diagnosis,
                              const std::vector<std::string>& curves, std::size_t indent,
                              const Terminal& terminal);

}  // namespace elblab::cli
