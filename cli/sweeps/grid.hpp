// The cells of a sweep: every combination of the values of its axes.
//
// Cells count from 0 in the order of the first axis, then the second, …: the last one changes
// fastest.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/sweeps/axis.hpp"
#include "scenarios/language/scenario_file.hpp"

namespace elblab::cli {

class Grid {
 public:
  // Error: no axis, two axes of one setting, more than kMostCells cells.
  static Expected<Grid> make(std::vector<Axis> axes);

  const std::vector<Axis>& axes() const { return axes_; }
  std::size_t size() const { return size_; }
  // Which value of each axis.
  std::vector<std::size_t> position(std::size_t cell) const;
  std::size_t cell_at(const std::vector<std::size_t>& position) const;
  // What the cell sets, an entry for each axis.
  std::vector<language::Override> settings(std::size_t cell) const;
  // "interval=8s timeout=1s"
  std::string name_of(std::size_t cell) const;
  // Axes as they are called where there is little room: the end of each path that tells it from the
  // others, "interval".
  const std::vector<std::string>& short_names() const { return short_names_; }

 private:
  explicit Grid(std::vector<Axis> axes);

  std::vector<Axis> axes_;
  std::vector<std::string> short_names_;
  std::size_t size_ = 1;
};

}  // namespace elblab::cli
