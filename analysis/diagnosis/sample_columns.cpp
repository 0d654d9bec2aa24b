#include "analysis/diagnosis/sample_columns.hpp"

#include "analysis/trace/database.hpp"

namespace elblab::diagnosis {
namespace {

// A sample at the end of a column belongs to it.
std::size_t column_of(std::int64_t at_ns, const Grid& grid) {
  const double position = static_cast<double>(at_ns - 1) /
                          std::max(1.0, static_cast<double>(grid.length.count())) *
                          static_cast<double>(grid.columns);
  return position <= 0 ? 0 : std::min(static_cast<std::size_t>(position), grid.columns - 1);
}

void add_sample(SampleColumn& column, double value) {
  if (column.count == 0) column.low = column.high = value;
  column.low = std::min(column.low, value);
  column.high = std::max(column.high, value);
  column.sum += value;
  column.count += 1;
}

}  // namespace

SampleColumns::SampleColumns(const trace::Reader& trace, const Grid& grid,
                             const std::vector<telemetry::SeriesId>& wanted) {
  std::vector<bool> is_wanted;
  for (const telemetry::SeriesId id : wanted) {
    if (id >= is_wanted.size()) is_wanted.resize(std::size_t{id} + 1, false);
    is_wanted[id] = true;
  }
  columns_.resize(is_wanted.size());
  trace::Statement rows(trace.database(),
                        "SELECT series, at_ns, value FROM samples WHERE value IS NOT NULL");
  trace::Step step = rows.step();
  for (; step == trace::Step::row; step = rows.step()) {
    const auto series = static_cast<std::size_t>(rows.integer(0));
    if (series >= is_wanted.size() || !is_wanted[series]) continue;
    auto& columns = columns_[series];
    if (columns.empty()) columns.resize(grid.columns);
    add_sample(columns[column_of(rows.integer(1), grid)], rows.real(2));
  }
  trace.noted(step == trace::Step::done);
}

const std::vector<SampleColumn>* SampleColumns::of(telemetry::SeriesId series) const {
  if (series >= columns_.size() || columns_[series].empty()) return nullptr;
  return &columns_[series];
}

}  // namespace elblab::diagnosis
