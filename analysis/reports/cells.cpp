#include "analysis/reports/cells.hpp"

#include <fmt/format.h>

#include <utility>

#include "analysis/expectations/text.hpp"

namespace elblab::reports {
namespace {

using expectations::number_text;

std::string with_unit(const std::string& number, const std::string& unit) {
  if (unit.empty()) return number;
  return number + (unit.starts_with('/') ? "" : " ") + unit;
}

}  // namespace

Cell text_cell(std::string text, Tone tone) {
  Cell cell;
  cell.value = text;
  cell.text = std::move(text);
  cell.tone = tone;
  return cell;
}

Cell count_cell(std::uint64_t count) {
  Cell cell;
  cell.value = static_cast<std::int64_t>(count);
  cell.text = number_text(static_cast<double>(count));
  if (count == 0) cell.tone = Tone::dim;
  return cell;
}

Cell number_cell(std::optional<double> value, const std::string& unit) {
  Cell cell;
  cell.text = "–";
  cell.tone = Tone::dim;
  if (!value) return cell;
  cell.value = *value;
  cell.text = with_unit(number_text(*value), unit);
  cell.tone = Tone::plain;
  return cell;
}

std::string percent_text(double share) { return fmt::format("{:.1f} %", 100 * share); }

Cell share_cell(double share, std::optional<double> mark) {
  Cell cell;
  cell.value = share;
  cell.text = percent_text(share);
  cell.bar = share;
  cell.mark = mark;
  return cell;
}

Cell duration_cell(Duration duration) {
  const double seconds = to_seconds(duration);
  Cell cell;
  cell.value = seconds;
  cell.text = seconds == 0  ? "0"
              : seconds < 1 ? number_text(1e3 * seconds) + " ms"
                            : number_text(seconds) + " s";
  if (seconds == 0) cell.tone = Tone::dim;
  return cell;
}

Cell moment_cell(Instant at) {
  Cell cell;
  cell.value = to_seconds(at);
  cell.text = number_text(to_seconds(at)) + " s";
  return cell;
}

Table table_of(const std::vector<ReportedRun>& runs, std::string name,
               std::vector<Column> columns) {
  Table table;
  table.name = std::move(name);
  if (runs.size() > 1) table.columns.push_back({"run", "run"});
  table.columns.insert(table.columns.end(), columns.begin(), columns.end());
  return table;
}

void add_row(Table& table, const std::vector<ReportedRun>& runs, const ReportedRun& run,
             std::vector<Cell> cells) {
  if (runs.size() > 1) cells.insert(cells.begin(), text_cell(run.label));
  table.rows.push_back(std::move(cells));
}

}  // namespace elblab::reports
