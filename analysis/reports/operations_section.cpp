// What operators changed at the balancers during the runs (CTS-06, CTS-08, CTS-09);
// docs/operations.md.
#include "analysis/metrics/view_rows.hpp"
#include "analysis/reports/cells.hpp"
#include "analysis/reports/sections.hpp"

namespace elblab::reports {
namespace {

constexpr std::size_t kMostOperationRows = 200;

Cell value_cell(const std::string& value) {
  return value.empty() ? text_cell("–", Tone::dim) : text_cell(value);
}

}  // namespace

Section operations_section(const Runs& runs) {
  Section section{"operations", "Operations", {}};
  Table table = table_of(runs, "operations",
                         {{"requested_s", "asked for", true},
                          {"applied_s", "in effect", true},
                          {"trace_name", "audit trace"},
                          {"path", "path"},
                          {"old_value", "before"},
                          {"new_value", "after"}});
  for (const auto& run : runs) {
    metrics::ViewRows rows(*run.trace, "SELECT * FROM operations_view ORDER BY id");
    std::size_t shown = 0;
    for (; shown < kMostOperationRows && rows.next(); ++shown) {
      add_row(table, runs, run,
              {moment_cell(rows.seconds("requested_s")), moment_cell(rows.seconds("applied_s")),
               value_cell(rows.text("trace_name")), text_cell(rows.text("path")),
               value_cell(rows.text("old_value")), value_cell(rows.text("new_value"))});
    }
    if (shown == kMostOperationRows && rows.next()) {
      table.remark = "The first 200; `elblab query` of operations_view has all.";
    }
  }
  if (!table.rows.empty()) section.blocks.emplace_back(std::move(table));
  return section;
}

}  // namespace elblab::reports
