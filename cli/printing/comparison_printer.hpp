// A comparison of two traces as text for a person. What is beyond its bound stands first; by
// default the rest is cut to what fits a screen.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "analysis/comparison/compare.hpp"
#include "cli/text/terminal.hpp"

namespace elblab::cli {

// One side of a comparison.
struct ComparedTrace {
  std::filesystem::path path;
  const trace::Reader* reader = nullptr;  // not owned
};

class ComparisonPrinter {
 public:
  // All must outlive the printer. all: everything, not only the widest.
  ComparisonPrinter(const ComparedTrace& a, const ComparedTrace& b,
                    const comparison::Bounds& bounds, const Terminal& terminal, bool all);

  // Ends with a newline.
  std::string text(const comparison::Comparison& comparison) const;

 private:
  std::string heading() const;
  std::string notes(const comparison::Comparison& comparison) const;
  std::string expectations(const comparison::Comparison& comparison) const;
  std::string series(const comparison::Comparison& comparison) const;
  std::string outcomes(const comparison::Comparison& comparison) const;
  std::string decisions(const comparison::Comparison& comparison) const;
  std::string partings(const comparison::Comparison& comparison) const;
  std::string closing(const comparison::Comparison& comparison) const;
  std::string curve_of(const trace::Reader& reader, const std::string& measure) const;
  std::string mark(bool within) const;

  const ComparedTrace& a_;
  const ComparedTrace& b_;
  const comparison::Bounds& bounds_;
  const Terminal& terminal_;
  bool all_;
  std::string name_a_;  // "simulated", "live"; "a", "b" where both are of one world
  std::string name_b_;
};

// "identical", "equivalent" or "DIFFERENT", in its colour.
std::string agreement_text(comparison::Agreement agreement, const Terminal& terminal);
// The share of its bound that a difference takes up; above 1: beyond it. For sorting.
double strain_of(const comparison::SeriesDifference& difference);
double strain_of(const comparison::OutcomeDifference& difference);

}  // namespace elblab::cli
