// What `elblab coverage` prints: how much of the catalogue is built.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/text/terminal.hpp"
#include "scenarios/catalogue/coverage.hpp"

namespace elblab::cli {

class CoverageText {
 public:
  // Both must outlive this.
  CoverageText(const catalogue::Coverage& coverage, const Terminal& terminal)
      : coverage_(coverage), terminal_(terminal) {}

  // A line for each area, and the totals.
  std::string table(const std::vector<const catalogue::Area*>& areas) const;
  // Each row of an area. `only_missing`: those that are not built, implemented or shown.
  std::string rows(const catalogue::Area& area, bool only_missing) const;

 private:
  std::string fact(const catalogue::Row& row) const;
  std::string test_case(const catalogue::Row& row) const;
  std::string case_line(const catalogue::Row& row, bool is_built, std::string_view how,
                        const std::string& text) const;
  std::string mark(bool is_covered) const;
  std::string counted(std::size_t count, bool is_known) const;

  const catalogue::Coverage& coverage_;
  const Terminal& terminal_;
};

}  // namespace elblab::cli
