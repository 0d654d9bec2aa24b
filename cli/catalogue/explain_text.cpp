#include "cli/catalogue/explain_text.hpp"

#include <fmt/format.h>

#include "cli/catalogue/entry_text.hpp"
#include "cli/text/one_line.hpp"
#include "cli/text/paragraph.hpp"
#include "scenarios/catalogue/answers.hpp"

namespace elblab::cli {
namespace {

using catalogue::Area;
using catalogue::KnownScenario;
using catalogue::Row;
using catalogue::RowCoverage;
using catalogue::RowKind;

void add_files(Labelled& lines, std::string_view label, const std::vector<std::string>& files) {
  for (const std::string& file : files) lines.add(label, file);
}

}  // namespace

std::string ExplainText::row(const Row& row) const {
  return row.kind == RowKind::fact ? fact(row) : test_case(row);
}

std::string ExplainText::fact(const Row& row) const {
  const RowCoverage& covered = coverage_.of(row);
  Labelled lines(terminal_);
  lines.add("area", fmt::format("{}: {}", area_of(row).name, area_of(row).title));
  for (const auto* scenario : covered.shown_by) lines.add("shown by", *scenario);
  for (const Row* planned : covered.planned) lines.add("not built yet", *planned);
  add_files(lines, "implemented in", covered.implemented_in);
  if (!covered.only_set_in.empty()) {
    lines.add("implemented in", "nothing acts on it yet; a setting only, in");
    add_files(lines, "implemented in", covered.only_set_in);
  }
  if (coverage_.knows_sources() && covered.implemented_in.empty() && covered.only_set_in.empty()) {
    lines.add("implemented in", "nothing yet");
  }
  add_files(lines, "tested in", covered.tested_in);
  lines.add("page", fmt::format("docs/catalogue/{}.md", area_of(row).name));
  return heading(row, terminal_) + lines.text();
}

std::string ExplainText::test_case(const Row& row) const {
  const RowCoverage& covered = coverage_.of(row);
  Labelled lines(terminal_);
  lines.add("area", fmt::format("{}: {}", area_of(row).name, area_of(row).title));
  if (covered.scenario != nullptr) {
    lines.add("scenario", one_line(covered.scenario->title));
    lines.add("scenario", one_line(covered.scenario->file));
    lines.add("run", fmt::format("elblab run {}", one_line(covered.scenario->id)));
    for (const Row* left_out : covered.left_out) lines.add("left out", *left_out);
  } else {
    lines.add("scenario", "not built yet");
    const KnownScenario* nearest = catalogue::nearest_to(row, coverage_);
    if (nearest != nullptr) lines.add("nearest today", *nearest);
  }
  for (const std::string& id : row.exercises) {
    lines.add("about", *coverage_.catalogue().row(id));
  }
  for (const auto* question : covered.asked_in) {
    lines.add("asked in", question->number, question->asks);
  }
  lines.add("page", fmt::format("docs/catalogue/{}.md", area_of(row).name));
  return heading(row, terminal_) + lines.text();
}

std::string ExplainText::area(const Area& area) const {
  const auto totals = coverage_.totals_of(area);
  Labelled lines(terminal_);
  if (totals.cases > 0)
    lines.add("cases", fmt::format("{} of {} built, {} in part", totals.built, totals.cases,
                                   totals.in_part));
  if (totals.facts > 0) lines.add("facts", fmt::format("{}, {} shown", totals.facts, totals.shown));
  lines.add("see",
            fmt::format("elblab list {0}, elblab coverage {0}, docs/catalogue/{0}.md", area.name));
  return heading(area.name, area.title, terminal_) +
         paragraph("  ", area.about, text_width(terminal_)) + lines.text();
}

std::string ExplainText::scenario(const KnownScenario& scenario) const {
  Labelled lines(terminal_);
  lines.add("scenario", one_line(scenario.file));
  lines.add("run", fmt::format("elblab run {}", one_line(scenario.id)));
  for (const std::string& id : scenario.exercises) {
    const Row* row = coverage_.catalogue().row(id);
    if (row != nullptr) lines.add("about", *row);
  }
  return heading(one_line(scenario.id), one_line(scenario.title), terminal_) + lines.text();
}

const Area& ExplainText::area_of(const Row& row) const {
  return coverage_.catalogue().areas()[row.area];
}

}  // namespace elblab::cli
