#include "cli/traces/rows_file.hpp"

#include "analysis/export/csv.hpp"

namespace elblab::cli {

std::uint64_t write_rows(trace::Query& query, OutputFile& file) {
  std::uint64_t rows = 0;
  if (!file.write(exports::csv_line(query.columns()))) return rows;
  while (query.next() && file.write(exports::csv_line(query.row()))) ++rows;
  return rows;
}

}  // namespace elblab::cli
