// Cells of tables, from numbers with their units.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/reports/document.hpp"
#include "analysis/reports/reported_run.hpp"
#include "models/time/instant.hpp"

namespace elblab::reports {

Cell text_cell(std::string text, Tone tone = Tone::plain);
Cell count_cell(std::uint64_t count);
// "470.4 /s", "28,232"; nullopt: "–".
Cell number_cell(std::optional<double> value, const std::string& unit = {});
// "25.0 %", with a bar; `mark`: what was expected.
Cell share_cell(double share, std::optional<double> mark = {});
// "12.5 ms", "1.20 s"
Cell duration_cell(Duration duration);
// "30.0 s" of the run
Cell moment_cell(Instant at);
std::string percent_text(double share);

// A table whose first column names the run, where there is more than one.
Table table_of(const std::vector<ReportedRun>& runs, std::string name, std::vector<Column> columns);
void add_row(Table& table, const std::vector<ReportedRun>& runs, const ReportedRun& run,
             std::vector<Cell> cells);

}  // namespace elblab::reports
