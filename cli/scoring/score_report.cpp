#include "cli/scoring/score_report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/scoring/interval.hpp"
#include "cli/text/text_table.hpp"
#include "scenarios/language/known_causes.hpp"

namespace elblab::cli {
namespace {

using scoring::ConfusionMatrix;
using scoring::ScoredRun;

std::vector<std::string> cause_names() {
  std::vector<std::string> names;
  for (const auto& known : language::known_causes()) names.emplace_back(known.name);
  return names;
}

std::string one_decimal_percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

struct CaseKind {
  std::size_t hidden;
  const char* text;
  bool judged;
};
constexpr CaseKind kKinds[] = {{1, "one hidden cause", true},
                               {0, "no cause", true},
                               {2, "two hidden causes, told and not judged", false}};

// "one hidden cause: 208 of 210 found, 99.0 % (95 % confidence: 96.6 … 99.7 %)"
std::vector<std::string> totals(const std::vector<ScoredRun>& runs) {
  std::vector<std::string> lines;
  for (const CaseKind& kind : kKinds) {
    const auto tally = scoring::tally(runs, kind.hidden);
    if (tally.runs == 0) continue;
    const auto interval = scoring::wilson(tally.hits, tally.runs);
    lines.push_back(fmt::format(
        "{}: {} of {} diagnosed, {} (95 % confidence: {:.1f} … {:.1f} %)", kind.text, tally.hits,
        tally.runs, one_decimal_percent(tally.share()), 100 * interval.low, 100 * interval.high));
  }
  return lines;
}

std::string diagnosed_text(const ScoredRun& run) {
  if (!run.problem.empty()) return run.problem;
  if (run.found.empty()) return run.top();
  return fmt::format("{}", fmt::join(run.found, ", "));
}

std::string reproduction(const ScoredRun& run) {
  return fmt::format("elblab score --show {} --causes {}", run.seed, hidden_text(run));
}

std::vector<std::vector<std::string>> matrix_cells(const ConfusionMatrix& matrix,
                                                   const char* nothing) {
  std::vector<std::vector<std::string>> table;
  std::vector<std::string> head{"hidden \\ diagnosed"};
  for (const auto& column : matrix.columns()) head.push_back(column);
  head.emplace_back("recall");
  table.push_back(std::move(head));
  for (const auto& row : matrix.rows()) {
    std::vector<std::string> cells{row};
    for (const auto& column : matrix.columns()) {
      const std::size_t count = matrix.count(row, column);
      cells.push_back(count == 0 ? nothing : fmt::format("{}", count));
    }
    cells.push_back(one_decimal_percent(matrix.recall(row)));
    table.push_back(std::move(cells));
  }
  return table;
}

std::vector<std::vector<std::string>> pair_cells(const std::vector<ScoredRun>& runs,
                                                 const char* nothing) {
  std::vector<std::vector<std::string>> table{{"hidden", "both", "one", "neither"}};
  const auto cell = [&](std::size_t count) {
    return count == 0 ? std::string(nothing) : fmt::format("{}", count);
  };
  for (const auto& pair : scoring::pair_scores(runs)) {
    table.push_back(
        {pair.first + " + " + pair.second, cell(pair.both), cell(pair.one), cell(pair.other)});
  }
  return table;
}

std::string as_text(const std::vector<std::vector<std::string>>& cells) {
  TextTable table(2, "l" + std::string(cells.front().size() - 1, 'r'));
  for (const auto& row : cells) table.add(row);
  return table.text();
}

std::string as_markdown(const std::vector<std::vector<std::string>>& cells) {
  std::string text;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    text += fmt::format("| {} |\n", fmt::join(cells[i], " | "));
    if (i > 0) continue;
    text += "|---|";
    for (std::size_t j = 1; j < cells[i].size(); ++j) text += "--:|";
    text += "\n";
  }
  return text;
}

bool has_matrix(const std::vector<ScoredRun>& runs) {
  return std::any_of(runs.begin(), runs.end(),
                     [](const ScoredRun& run) { return run.hidden.size() < 2; });
}

}  // namespace

std::string hidden_text(const ScoredRun& run) {
  return run.hidden.empty() ? scoring::kNothingWrong
                            : fmt::format("{}", fmt::join(run.hidden, "+"));
}

bool reaches(const std::vector<ScoredRun>& runs, double at_least) {
  return std::all_of(std::begin(kKinds), std::end(kKinds), [&](const CaseKind& kind) {
    return !kind.judged || scoring::tally(runs, kind.hidden).share() >= at_least;
  });
}

std::string score_text(const std::vector<ScoredRun>& runs, const ScoreTimes& times, double at_least,
                       const Terminal& terminal) {
  std::string text;
  if (has_matrix(runs)) {
    text += as_text(matrix_cells(ConfusionMatrix(cause_names(), runs), "·")) + "\n";
  }
  if (scoring::tally(runs, 2).runs > 0) text += as_text(pair_cells(runs, "·")) + "\n";
  for (const ScoredRun& run : scoring::misses(runs)) {
    text +=
        fmt::format("  {}  hidden {}, diagnosed {}\n     {}\n", terminal.styled("miss", Style::bad),
                    hidden_text(run), diagnosed_text(run), reproduction(run));
  }
  for (const std::string& line : totals(runs)) text += "  " + line + "\n";
  const bool holds = reaches(runs, at_least);
  text += fmt::format(
      "  {}: {} of those with one cause and of those with none are asked for; {} runs in {}, {} of "
      "it diagnosing\n",
      terminal.styled(holds ? "holds" : "FAILED", holds ? Style::good : Style::bad),
      one_decimal_percent(at_least), runs.size(), wall_time_text(times.wall_seconds),
      wall_time_text(times.diagnosis_seconds));
  return text;
}

std::string score_markdown(const std::vector<ScoredRun>& runs, const std::string& command) {
  std::string text = fmt::format("Made by `{}`.\n\n", command);
  if (has_matrix(runs)) {
    text += as_markdown(matrix_cells(ConfusionMatrix(cause_names(), runs), "")) + "\n";
  }
  if (scoring::tally(runs, 2).runs > 0) text += as_markdown(pair_cells(runs, "")) + "\n";
  for (const std::string& line : totals(runs)) text += "- " + line + "\n";
  const auto missed = scoring::misses(runs);
  if (missed.empty()) return text;
  text += "\nDiagnosed otherwise than hidden:\n\n";
  for (const ScoredRun& run : missed) {
    text +=
        fmt::format("- {} as {}: `{}`\n", hidden_text(run), diagnosed_text(run), reproduction(run));
  }
  return text;
}

}  // namespace elblab::cli
