// What `elblab explain` prints: all there is to know about a row, a question or an area.
#pragma once

#include <string>

#include "cli/text/terminal.hpp"
#include "scenarios/catalogue/coverage.hpp"

namespace elblab::cli {

class ExplainText {
 public:
  // Both must outlive this.
  ExplainText(const catalogue::Coverage& coverage, const Terminal& terminal)
      : coverage_(coverage), terminal_(terminal) {}

  std::string row(const catalogue::Row& row) const;
  std::string area(const catalogue::Area& area) const;
  // One that is no row of the catalogue.
  std::string scenario(const catalogue::KnownScenario& scenario) const;

 private:
  const catalogue::Area& area_of(const catalogue::Row& row) const;
  std::string fact(const catalogue::Row& row) const;
  std::string test_case(const catalogue::Row& row) const;

  const catalogue::Coverage& coverage_;
  const Terminal& terminal_;
};

}  // namespace elblab::cli
