// One run on one page: what it was, whether it showed what it should, what went wrong, its totals.
#pragma once

#include <QString>
#include <optional>
#include <vector>

#include "analysis/metrics/metrics.hpp"
#include "gui/diagnosis/diagnosis_page.hpp"
#include "gui/theme/theme.hpp"
#include "gui/traces/open_trace.hpp"
#include "gui/views/data_table.hpp"

namespace elblab::gui {

// Rows of a view of the trace; text as it is shown.
struct TotalsTable {
  std::string title;
  std::string kind;  // in an export
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};

struct RunTotals {
  std::vector<metrics::RequestSummary> requests;
  std::vector<metrics::Gap> gaps;
  std::vector<metrics::DropCount> drops;
  std::vector<TotalsTable> tables;  // those that have rows
};

// What is not known yet is not there.
struct RunOverview {
  const OpenTrace* trace = nullptr;
  std::optional<diagnosis::Diagnosis> diagnosis;
  const RunTotals* totals = nullptr;
};

// Links are those of diagnosis_page.hpp, and "measure:<name>" for a curve.
QString overview_page(const std::vector<RunOverview>& runs, const Theme& theme);
DataTable overview_table(const std::vector<RunOverview>& runs);

}  // namespace elblab::gui
