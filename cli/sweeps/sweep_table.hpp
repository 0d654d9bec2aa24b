// The rows of a sweep: what each run of each cell came to.
//
// As text: the header, then a line of CSV per run: cell (from 1), seed, the value of each axis,
// each figure; an empty figure was not there to be measured. Numbers read back as the same numbers.
// Lines may stand in any order; a last line without its line break is one that was being written
// when its program ended, and is none.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/sweeps/grid.hpp"
#include "cli/sweeps/sweep_header.hpp"

namespace elblab::cli {

struct SweepRow {
  std::size_t cell = 0;  // of the grid, from 0
  std::uint64_t seed = 0;
  std::vector<std::optional<double>> values;  // as many as the header has measures
};

class SweepTable {
 public:
  // Error: axes that make no grid.
  static Expected<SweepTable> make(SweepHeader header);
  // Error: "line 17: …".
  static Expected<SweepTable> read(std::string_view text);

  const SweepHeader& header() const { return header_; }
  const Grid& grid() const { return grid_; }

  // Of two rows of one run the first one stays.
  void add(const SweepRow& row);
  bool has(std::size_t cell, std::uint64_t seed) const { return rows_.contains({cell, seed}); }
  std::size_t size() const { return rows_.size(); }
  // Of all runs of the grid.
  bool is_whole() const { return size() == grid_.size() * header_.seeds.size(); }

  // The mean over the seeds that were run; nullopt when one of them has no such figure: the others
  // alone would tell of a cell in which a dead server is not always found that it is found early.
  // O(seeds × log rows).
  std::optional<double> mean(std::size_t cell, std::size_t measure) const;
  // Whether any seed of it was run.
  bool was_run(std::size_t cell) const;

  // In the order of cells, then of seeds.
  std::string text() const;
  std::string line_of(const SweepRow& row) const;
  // Bytes of `text`, a table, up to the end of its last whole line.
  static std::size_t whole_lines(std::string_view text);

 private:
  SweepTable(SweepHeader header, Grid grid) : header_(std::move(header)), grid_(std::move(grid)) {}
  Expected<SweepRow> read_row(std::string_view line) const;

  SweepHeader header_;
  Grid grid_;
  std::map<std::pair<std::size_t, std::uint64_t>, std::vector<std::optional<double>>> rows_;
};

}  // namespace elblab::cli
