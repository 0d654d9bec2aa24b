#include "cli/catalogue/list_text.hpp"

#include <fmt/format.h>

#include "cli/catalogue/entry_text.hpp"
#include "cli/text/one_line.hpp"
#include "cli/text/paragraph.hpp"
#include "scenarios/catalogue/answers.hpp"

namespace elblab::cli {
namespace {

using catalogue::Answer;
using catalogue::Area;
using catalogue::KnownScenario;
using catalogue::Question;
using catalogue::Row;
using catalogue::RowCoverage;
using catalogue::RowKind;

// Of each kind that words match, unless all are asked for.
constexpr std::size_t kShownMatches = 8;

constexpr std::string_view kNext =
    "'live' marks those that elblab live can run on real hosts.\n"
    "  elblab show TW-01             what one does and expects\n"
    "  elblab list uneven            what to run for a word\n"
    "  elblab list --question 1.8    what to run for a question of the FAQ\n";

std::string run_command(const KnownScenario& scenario) {
  return "elblab run " + one_line(scenario.id);
}

std::string ids_in_short(const std::vector<const Row*>& rows) {
  std::vector<std::string> ids;
  for (const Row* row : rows) ids.push_back(row->id);
  return catalogue::listed_in_short(ids);
}

}  // namespace

std::string ListText::everything() const {
  std::string text;
  std::string area;
  for (const KnownScenario& scenario : coverage_.scenarios()) {
    if (scenario.area != area || text.empty()) {
      if (!text.empty()) text += "\n";
      area = scenario.area;
      text += section(title_of(area));
    }
    text += scenario_entry(scenario, terminal_);
  }
  return text + "\n" + terminal_.styled(kNext, Style::dim);
}

std::string ListText::area(const std::string& name) const {
  std::string text = section(title_of(name));
  bool has_scenarios = false;
  for (const KnownScenario& scenario : coverage_.scenarios()) {
    const Row* row = coverage_.catalogue().row(scenario.id);
    const bool is_its_case = row != nullptr && row->kind == RowKind::test_case &&
                             coverage_.catalogue().areas()[row->area].name == name;
    if (scenario.area != name && !is_its_case) continue;
    text += scenario_entry(scenario, terminal_);
    has_scenarios = true;
  }
  const Area* area = coverage_.catalogue().area(name);
  std::string later;
  for (const std::size_t index : area == nullptr ? std::vector<std::size_t>() : area->cases) {
    const Row& row = coverage_.catalogue().rows()[index];
    if (coverage_.of(row).scenario == nullptr) later += row_entry(row, terminal_);
  }
  if (!later.empty()) text += "\n" + section("not built yet") + later;
  if (area != nullptr && area->cases.empty() && !has_scenarios) {
    text += paragraph("  ", "no cases of its own, only facts: elblab coverage " + name,
                      text_width(terminal_));
  }
  return text;
}

std::string ListText::row(const Row& row) const {
  return row.kind == RowKind::fact ? fact(row) : test_case(row);
}

std::string ListText::scenario(const KnownScenario& scenario) const {
  Labelled lines(terminal_);
  lines.add("scenario", one_line(scenario.file));
  lines.add("exercises", fmt::format("{}", fmt::join(scenario.exercises, ", ")));
  lines.add("run", run_command(scenario));
  return heading(one_line(scenario.id), one_line(scenario.title), terminal_) + lines.text();
}

std::string ListText::fact(const Row& row) const {
  const RowCoverage& covered = coverage_.of(row);
  std::string text = heading(row, terminal_);
  if (!covered.shown_by.empty()) text += "\n" + section("shown by");
  for (const auto* scenario : covered.shown_by) text += scenario_entry(*scenario, terminal_);
  if (!covered.planned.empty()) text += "\n" + section("not built yet");
  for (const Row* planned : covered.planned) text += row_entry(*planned, terminal_);
  if (covered.shown_by.empty() && covered.planned.empty()) {
    text += "  no scenario exercises it, and none is planned\n";
  }
  return text;
}

std::string ListText::test_case(const Row& row) const {
  const RowCoverage& covered = coverage_.of(row);
  if (covered.scenario != nullptr) return scenario(*covered.scenario);
  Labelled lines(terminal_);
  const auto* nearest = catalogue::nearest_to(row, coverage_);
  if (nearest == nullptr) {
    return heading(row, terminal_) + "  not built yet, and nothing near it is\n";
  }
  lines.add("nearest today", *nearest);
  lines.add("nearest today", "", run_command(*nearest));
  return heading(row, terminal_) + "  not built yet\n" + lines.text();
}

std::string ListText::questions(const std::vector<const Question*>& questions) const {
  if (questions.size() == 1) return question(*questions.front());
  std::string text;
  for (const Question* one : questions) text += question_in_short(*one);
  return text;
}

std::string ListText::question(const Question& question) const {
  const Answer answer = catalogue::answer_to(question, coverage_);
  Labelled lines(terminal_);
  if (!question.profile.empty()) lines.add("profile", question.profile);
  if (!question.note.empty()) lines.add("note", question.note);
  if (answer.scenario != nullptr) {
    lines.add("run first", *answer.scenario);
    lines.add("run first", "", run_command(*answer.scenario));
  } else if (answer.first != nullptr) {
    lines.add("not built yet", *answer.first);
  }
  if (answer.nearest != nullptr) {
    lines.add("nearest today", *answer.nearest);
    lines.add("nearest today", "", run_command(*answer.nearest));
  }
  for (const auto* scenario : answer.also) lines.add("then", *scenario);
  if (!answer.later.empty()) lines.add("later", ids_in_short(answer.later));
  return heading(question.number, question.asks, terminal_) + lines.text();
}

std::string ListText::question_in_short(const Question& question) const {
  const Answer answer = catalogue::answer_to(question, coverage_);
  std::string what = question.note;
  if (answer.scenario != nullptr) {
    what = run_command(*answer.scenario);
  } else if (answer.first != nullptr) {
    what = "not built yet: " + answer.first->id;
    if (answer.nearest != nullptr) what += "; nearest today: " + run_command(*answer.nearest);
  }
  const std::size_t width = text_width(terminal_);
  return paragraph("  " + padded(question.number, kNameColumns + 2), question.asks, width) +
         terminal_.styled(paragraph(std::string(kNameColumns + 4, ' '), what, width), Style::dim);
}

std::string ListText::matches(const catalogue::Matches& matches, bool all) const {
  std::string text;
  if (matches.is_partial) text += "Nothing has all of these words; what has most of them:\n";
  const auto add = [&](std::string_view title, const auto& found, const auto& entry_of) {
    if (found.empty()) return;
    text += (text.empty() ? "" : "\n") + section(title);
    const std::size_t shown = all ? found.size() : std::min(found.size(), kShownMatches);
    for (std::size_t i = 0; i < shown; ++i) text += entry_of(*found[i]);
    if (shown < found.size()) {
      text += fmt::format("  … {} more (--all)\n", found.size() - shown);
    }
  };
  if (matches.questions.size() == 1) {
    text += question(*matches.questions.front());
  } else {
    add("questions", matches.questions, [&](const Question& q) { return question_in_short(q); });
  }
  add("scenarios", matches.scenarios,
      [&](const KnownScenario& s) { return scenario_entry(s, terminal_); });
  add("not built yet", matches.cases, [&](const Row& r) { return row_entry(r, terminal_); });
  add("facts", matches.facts, [&](const Row& r) { return row_entry(r, terminal_); });
  return text;
}

std::string ListText::title_of(const std::string& area) const {
  const Area* known = coverage_.catalogue().area(area);
  return known == nullptr ? one_line(area) : area + ": " + known->title;
}

std::string ListText::section(std::string_view title) const {
  return terminal_.styled(title, Style::bold) + "\n";
}

}  // namespace elblab::cli
