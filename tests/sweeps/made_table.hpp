// A table of a sweep made by hand, for tests.
#pragma once

#include "cli/sweeps/sweep_table.hpp"
#include "tests/must.hpp"

namespace elblab::cli::test {

// Three intervals and four retries, one seed, two measures.
inline SweepHeader made_header() {
  SweepHeader header;
  header.scenario = "T-1";
  header.title = "Title, with a comma";
  header.run = "symptom";
  header.program = "elblab 1 (ns-3 3)";
  header.digest = "0123456789abcdef";
  header.settings = {"duration=60s"};
  header.axes = {{"group.check.interval", {"1s", "5s", "50s"}},
                 {"group.check.retries", {"1", "2", "3", "10"}}};
  header.seeds = {1};
  header.measures = {{"detection_s(app/b1)", "s"}, {"probes(app/b1):total", ""}};
  return header;
}

// Detection after interval · retries, but for the last cell, where there was none.
inline SweepTable made_table(const SweepHeader& header = made_header()) {
  SweepTable table = must(SweepTable::make(header));
  const double intervals[] = {1, 5, 50};
  const double retries[] = {1, 2, 3, 10};
  for (std::size_t cell = 0; cell < 12; ++cell) {
    const auto at = table.grid().position(cell);
    for (const std::uint64_t seed : header.seeds) {
      SweepRow row{cell, seed, {intervals[at[0]] * retries[at[1]] + 0.25, double(cell)}};
      if (cell == 11) row.values[0].reset();
      table.add(row);
    }
  }
  return table;
}

}  // namespace elblab::cli::test
