// All samples of a trace, summed up column by column in one pass over their table.
//
// The table is in the order of time, and every series of a run is wanted in the end: one walk reads
// its pages once, where a look-up per series would read them again for each. O(samples); memory
// O(series × columns).
#pragma once

#include <optional>
#include <vector>

#include "analysis/diagnosis/grid.hpp"
#include "analysis/trace/reader.hpp"

namespace elblab::diagnosis {

// What the samples of one column were. count == 0: none, the other numbers mean nothing.
struct SampleColumn {
  float count = 0;
  double sum = 0;
  double low = 0;
  double high = 0;
};

class SampleColumns {
 public:
  // Samples of the wanted series (by id; others are passed over).
  SampleColumns(const trace::Reader& trace, const Grid& grid,
                const std::vector<telemetry::SeriesId>& wanted);

  // nullptr: not wanted, or no sample.
  const std::vector<SampleColumn>* of(telemetry::SeriesId series) const;

 private:
  std::vector<std::vector<SampleColumn>> columns_;  // by id; empty: not wanted or no sample
};

}  // namespace elblab::diagnosis
