#include "cli/catalogue/coverage_text.hpp"

#include <fmt/format.h>

#include "cli/catalogue/entry_text.hpp"
#include "cli/text/one_line.hpp"
#include "cli/text/paragraph.hpp"
#include "cli/text/text_table.hpp"

namespace elblab::cli {
namespace {

using catalogue::Area;
using catalogue::Row;
using catalogue::RowCoverage;
using catalogue::Totals;

constexpr std::size_t kBarColumns = 10;

// Filled by the share, in eighths of a column; the rest as points.
std::string share_bar(std::size_t part, std::size_t whole) {
  if (whole == 0) return {};
  static constexpr const char* kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const std::size_t eighths = 8 * kBarColumns * part / whole;
  std::string text;
  for (std::size_t i = 0; i < eighths / 8; ++i) text += "█";
  text += kEighths[eighths % 8];
  while (columns_of(text) < kBarColumns) text += "·";
  return text;
}

// "12 of 13 built, 1 in part"
std::string built(const Totals& totals) {
  std::string text = fmt::format("{} of {} built", totals.built, totals.cases);
  if (totals.in_part > 0) text += fmt::format(", {} in part", totals.in_part);
  return text;
}

// Zero of zero is nothing to tell.
std::string of(std::size_t part, std::size_t whole) {
  return whole == 0 ? "" : fmt::format("{} of {}", part, whole);
}

std::string scenario_ids(const RowCoverage& covered) {
  std::vector<std::string> ids;
  for (const auto* scenario : covered.shown_by) ids.push_back(one_line(scenario->id));
  return fmt::format("{}", fmt::join(ids, " "));
}

}  // namespace

std::string CoverageText::table(const std::vector<const Area*>& areas) const {
  const bool known = coverage_.knows_sources();
  TextTable table(0, "lrlrrrr");
  table.add({"", "cases built", "", "facts", "implemented", "shown", "neither"});
  const auto add = [&](const std::string& name, const Totals& totals) {
    const bool has_facts = totals.facts > 0;
    table.add({name, of(totals.built, totals.cases), share_bar(totals.built, totals.cases),
               has_facts ? fmt::format("{}", totals.facts) : "",
               has_facts ? counted(totals.implemented, known) : "",
               has_facts ? fmt::format("{}", totals.shown) : "",
               has_facts ? counted(totals.neither, known) : ""});
  };
  Totals all;
  for (const Area* area : areas) {
    add(area->name, coverage_.totals_of(*area));
    all += coverage_.totals_of(*area);
  }
  if (areas.size() > 1) add("all", all);
  std::string text = table.text();
  if (!known) {
    text += paragraph("",
                      "There are no sources here, so what is implemented is not known "
                      "(--sources DIR names them).",
                      text_width(terminal_));
  }
  return text;
}

std::string CoverageText::rows(const Area& area, bool only_missing) const {
  std::string cases;
  for (const std::size_t index : area.cases) {
    const Row& row = coverage_.catalogue().rows()[index];
    const RowCoverage& covered = coverage_.of(row);
    const bool is_missing = covered.scenario == nullptr || !covered.left_out.empty();
    if (!only_missing || is_missing) cases += test_case(row);
  }
  std::string facts;
  for (const std::size_t index : area.facts) {
    const Row& row = coverage_.catalogue().rows()[index];
    const RowCoverage& covered = coverage_.of(row);
    const bool is_missing = covered.implemented_in.empty() && covered.shown_by.empty();
    if (!only_missing || is_missing) facts += fact(row);
  }
  std::string text = heading(area.name, area.title, terminal_);
  const Totals totals = coverage_.totals_of(area);
  if (totals.cases > 0) {
    text += terminal_.styled("\ncases  " + built(totals), Style::bold) + "\n" + cases;
  }
  if (totals.facts > 0) {
    const std::string how_many =
        coverage_.knows_sources()
            ? fmt::format("{} of {} implemented, {} shown, {} neither", totals.implemented,
                          totals.facts, totals.shown, totals.neither)
            : fmt::format("{}, {} shown", totals.facts, totals.shown);
    text += terminal_.styled("\nfacts  " + how_many, Style::bold) + "\n" + facts;
  }
  return text;
}

std::string CoverageText::test_case(const Row& row) const {
  const RowCoverage& covered = coverage_.of(row);
  if (covered.scenario == nullptr) return case_line(row, false, "not yet    ", row.says);
  const std::string title = one_line(covered.scenario->title);
  if (covered.left_out.empty()) return case_line(row, true, "built      ", title);
  std::vector<std::string> without;
  for (const Row* each : covered.left_out) without.push_back(each->id);
  return case_line(row, false, "in part    ",
                   fmt::format("{} [without {}]", title, fmt::join(without, " ")));
}

std::string CoverageText::case_line(const Row& row, bool is_built, std::string_view how,
                                    const std::string& text) const {
  const std::string label =
      fmt::format("  {} {}  {}  ", mark(is_built), padded(row.id, kNameColumns), how);
  return paragraph(label, text, text_width(terminal_));
}

std::string CoverageText::fact(const Row& row) const {
  const RowCoverage& covered = coverage_.of(row);
  const bool implemented = !covered.implemented_in.empty();
  const bool shown = !covered.shown_by.empty();
  std::string how = "neither    ";
  if (!covered.only_set_in.empty()) how = "setting    ";
  if (shown) how = "shown      ";
  if (implemented) how = "implemented";
  const std::string label =
      fmt::format("  {} {}  {}  ", mark(implemented || shown), padded(row.id, kNameColumns), how);
  const std::string by = shown ? fmt::format(" [{}]", scenario_ids(covered)) : "";
  return paragraph(label, row.says + by, text_width(terminal_));
}

std::string CoverageText::mark(bool is_covered) const {
  return is_covered ? terminal_.styled("✓", Style::good) : terminal_.styled("·", Style::dim);
}

std::string CoverageText::counted(std::size_t count, bool is_known) const {
  return is_known ? fmt::format("{}", count) : "?";
}

}  // namespace elblab::cli
