// The rows of a metric view, cell by cell by the name of the column.
//
// A view that the trace does not have, or a damaged file, gives no rows; the reader's problem()
// says so of the file. A view gives kMostRows at most, which the reader's problem() then says, too:
// whoever asks keeps them, and a view of a stranger's file may have no end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "analysis/trace/query.hpp"
#include "analysis/trace/reader.hpp"

namespace elblab::metrics {

class ViewRows {
 public:
  // SQL over the views; `trace` must outlive this object.
  ViewRows(const trace::Reader& trace, std::string_view sql)
      : trace_(trace), query_(trace.query(sql)) {}

  static constexpr std::size_t kMostRows = 500'000;
  bool next();
  // Of the current row; a column that is not there reads as NULL.
  std::string text(std::string_view column) const { return trace::to_text(cell(column)); }
  double real(std::string_view column) const { return trace::to_real(cell(column)); }
  std::optional<double> optional_real(std::string_view column) const;
  std::uint64_t count(std::string_view column) const;
  Instant seconds(std::string_view column) const { return Instant(from_seconds(real(column))); }
  Duration milliseconds(std::string_view column) const { return from_seconds(real(column) / 1e3); }

 private:
  const trace::QueryCell& cell(std::string_view column) const;

  const trace::Reader& trace_;
  trace::Query query_;
  std::size_t rows_ = 0;
};

}  // namespace elblab::metrics
