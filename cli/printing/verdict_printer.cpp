#include "cli/printing/verdict_printer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analysis/expectations/text.hpp"
#include "cli/printing/document_text.hpp"
#include "cli/printing/progress_display.hpp"
#include "cli/text/one_line.hpp"
#include "cli/text/paragraph.hpp"

namespace elblab::cli {
namespace {

using expectations::count_text;
using expectations::number_text;

constexpr std::size_t kVerdictBarColumns = 20;

std::string seeds_text(const std::vector<std::uint64_t>& seeds) {
  if (seeds.size() == 1) return fmt::format("seed {}", seeds.front());
  const bool consecutive = seeds.back() - seeds.front() == seeds.size() - 1 &&
                           std::is_sorted(seeds.begin(), seeds.end());
  if (consecutive) return fmt::format("seeds {} … {}", seeds.front(), seeds.back());
  return fmt::format("seeds {}", fmt::join(seeds, ", "));
}

std::string label_of(const ExpectationVerdict& expectation) {
  return expectation.worst().verdict.expectation.measure.to_string();
}

// The value of the worst seed, and the range over the seeds where they differ.
std::string measured_of(const ExpectationVerdict& expectation) {
  const auto& worst = expectation.worst();
  if (!worst.verdict.problem.empty()) return worst.verdict.problem;
  std::string text = worst.verdict.measured_text;
  const auto [low, high] = std::minmax_element(
      expectation.seeds.begin(), expectation.seeds.end(),
      [](const auto& a, const auto& b) { return a.verdict.measured < b.verdict.measured; });
  const std::string from = number_text(low->verdict.measured);
  const std::string to = number_text(high->verdict.measured);
  if (from != to) text += fmt::format(" (seeds: {} … {})", from, to);
  return text;
}

std::string range_text(std::uint64_t low, std::uint64_t high) {
  return low == high ? count_text(low) : fmt::format("{} … {}", count_text(low), count_text(high));
}

// What several runs of different seeds did: times added up, counts as ranges.
std::string summary_over(const std::vector<const worlds::Progress*>& ends, World world) {
  if (ends.size() == 1) return summary_of(*ends.front(), world);
  double simulated = 0;
  double wall = 0;
  const auto by_connections = [](const auto* a, const auto* b) {
    return a->connections < b->connections;
  };
  const auto by_refused = [](const auto* a, const auto* b) { return a->refused < b->refused; };
  for (const auto* end : ends) {
    simulated += to_seconds(end->simulated);
    wall += end->wall_seconds;
  }
  const auto [least, most] = std::minmax_element(ends.begin(), ends.end(), by_connections);
  const auto [fewest, mostly] = std::minmax_element(ends.begin(), ends.end(), by_refused);
  std::string text = fmt::format("{} seeds × {} s ", ends.size(),
                                 number_text(simulated / static_cast<double>(ends.size())));
  text += world == World::live
              ? "live"
              : fmt::format("simulated in {} ({}×)", wall_time_text(wall),
                            wall > 0 ? number_text(std::round(simulated / wall)) : "–");
  text += fmt::format("   {} connections", range_text((*least)->connections, (*most)->connections));
  if ((*mostly)->refused > 0) {
    text += fmt::format(", {} refused locally", range_text((*fewest)->refused, (*mostly)->refused));
  }
  return text;
}

}  // namespace

std::string counted(std::size_t count, const std::string& noun) {
  return fmt::format("{} {}{}", count_text(count), noun, count == 1 ? "" : "s");
}

std::size_t curve_columns_for(std::size_t terminal_width) {
  if (terminal_width >= 100) return 24;
  return terminal_width >= 80 ? 12 : 0;
}

VerdictPrinter::VerdictPrinter(const RunPlan& plan, const std::vector<JobOutcome>& outcomes,
                               Terminal& terminal, bool quiet)
    : plan_(plan), outcomes_(outcomes), terminal_(terminal), quiet_(quiet) {}

void VerdictPrinter::print(const ScenarioVerdict& verdict) {
  const Columns columns = columns_of_block(verdict);
  std::size_t name_columns = 0;
  for (const auto& run : verdict.runs) name_columns = std::max(name_columns, columns_of(run.run));
  std::string text = heading(verdict);
  for (const auto& run : verdict.runs) {
    const bool failed = std::any_of(run.expectations.begin(), run.expectations.end(),
                                    [](const auto& e) { return !e.holds(); });
    if (!quiet_ || failed) text += run_line(run, name_columns);
    text += warning_lines(run);
    for (const auto& expectation : run.expectations) {
      if (!quiet_ || !expectation.holds()) text += expectation_line(expectation, columns);
    }
    for (const auto& drawn : run.drawn) {
      if (!quiet_) text += drawn_line(drawn, columns);
    }
    if (!quiet_) text += short_document_text(run.diagnosis, 5, terminal_);
  }
  for (const auto& problem : verdict.problems) {
    // What an interrupt kept from running is counted at the end, not listed.
    if (outcomes_[problem.job].state != JobOutcome::State::not_started) {
      text += problem_line(problem);
    }
  }
  text += closing_line(verdict);
  if (!quiet_) {
    if (verdict.code() == ExitCode::holds) {
      text += text_lines("why", verdict.why) + text_lines("remedy", verdict.remedy);
    }
    text += traces_line(verdict);
  }
  terminal_.write(text);
  terminal_.flush();
}

VerdictPrinter::Columns VerdictPrinter::columns_of_block(const ScenarioVerdict& verdict) const {
  Columns columns;
  for (const auto& run : verdict.runs) {
    for (const auto& expectation : run.expectations) {
      columns.label = std::max(columns.label, columns_of(label_of(expectation)));
      columns.measured = std::max(columns.measured, columns_of(measured_of(expectation)));
      columns.expected =
          std::max(columns.expected, columns_of(expectation.worst().verdict.expected_text));
    }
    for (const auto& drawn : run.drawn) {
      columns.label = std::max(columns.label, columns_of(drawn.label));
      columns.measured = std::max(columns.measured, columns_of(drawn.value));
    }
  }
  return columns;
}

std::string VerdictPrinter::heading(const ScenarioVerdict& verdict) const {
  const PlannedScenario& planned = plan_.scenarios[verdict.scenario];
  return fmt::format("{}  {}   {}\n", terminal_.styled(planned.file->id(), Style::bold),
                     terminal_.styled(one_line(planned.file->title()), Style::bold),
                     terminal_.styled(fmt::format("profile {}, {}", planned.file->profile(),
                                                  seeds_text(planned.seeds)),
                                      Style::dim));
}

std::string VerdictPrinter::run_line(const RunVerdict& run, std::size_t name_columns) const {
  std::vector<const worlds::Progress*> ends;
  for (const std::size_t job : run.jobs) {
    const JobOutcome& outcome = outcomes_[job];
    if (outcome.state == JobOutcome::State::finished) ends.push_back(&outcome.result.end);
  }
  const World world = run.jobs.empty() ? World::simulation : plan_.jobs[run.jobs.front()].world;
  const double share =
      run.jobs.empty() ? 0
                       : static_cast<double>(ends.size()) / static_cast<double>(run.jobs.size());
  return fmt::format("  {}  {} {}\n", padded(run.run, name_columns), bar(share, kVerdictBarColumns),
                     ends.empty() ? "did not finish" : summary_over(ends, world));
}

std::string VerdictPrinter::warning_lines(const RunVerdict& run) const {
  std::string text;
  for (const std::size_t job : run.jobs) {
    for (const std::string& warning : outcomes_[job].result.warnings) {
      text += fmt::format("  {}  {}: {}\n", terminal_.styled("!", Style::bad),
                          plan_.title_of(plan_.jobs[job]), warning);
    }
  }
  return text;
}

std::string VerdictPrinter::expectation_line(const ExpectationVerdict& expectation,
                                             const Columns& columns) const {
  const bool holds = expectation.holds();
  std::string outcome = terminal_.styled(holds ? "ok" : "FAILED", holds ? Style::good : Style::bad);
  if (!holds && expectation.seeds.size() > 1) {
    outcome += fmt::format(" (seed {})", expectation.worst().seed);
  }
  const std::string curve = expectation.curve.empty() ? "" : expectation.curve + "  ";
  return fmt::format("     {}  {}{}  expected {}  {}\n",
                     padded(label_of(expectation), columns.label), curve,
                     padded(measured_of(expectation), columns.measured),
                     padded(expectation.worst().verdict.expected_text, columns.expected), outcome);
}

std::string VerdictPrinter::drawn_line(const DrawnMeasure& drawn, const Columns& columns) const {
  const std::string curve = drawn.curve.empty() ? "" : drawn.curve + "  ";
  return fmt::format("     {}  {}{}\n", padded(drawn.label, columns.label), curve, drawn.value);
}

std::string VerdictPrinter::problem_line(const Problem& problem) const {
  return fmt::format("  {}  {}\n", terminal_.styled("!", Style::bad),
                     plan_.title_of(plan_.jobs[problem.job]) + ": " + problem.text);
}

std::string VerdictPrinter::closing_line(const ScenarioVerdict& verdict) const {
  const std::size_t seeds = plan_.scenarios[verdict.scenario].seeds.size();
  std::string amount = counted(verdict.runs.size(), "run");
  if (seeds > 1) amount += fmt::format(" × {} seeds", seeds);
  const std::string expectations = counted(verdict.expectation_count(), "expectation");
  std::string reproducible;
  if (verdict.compared > 0) {
    reproducible = fmt::format("; reproducible: {} equal", counted(verdict.compared, "repetition"));
  }
  switch (verdict.code()) {
    case ExitCode::holds:
      return fmt::format("  {}: {}, {}{}\n", terminal_.styled("holds", Style::good), amount,
                         expectations, reproducible);
    case ExitCode::expectation_failed:
      return fmt::format("  {}: {} of {} ({}){}\n", terminal_.styled("FAILED", Style::bad),
                         verdict.failed_count(), expectations, amount, reproducible);
    case ExitCode::not_reproducible:
      return fmt::format("  {}: equal input gave different traces\n",
                         terminal_.styled("NOT REPRODUCIBLE", Style::bad));
    case ExitCode::interrupted:
      return fmt::format("  {}\n", terminal_.styled("stopped", Style::bad));
    default:
      return fmt::format("  {}: {} ({})\n", terminal_.styled("COULD NOT RUN", Style::bad),
                         counted(verdict.problems.size(), "problem"), amount);
  }
}

std::string VerdictPrinter::traces_line(const ScenarioVerdict& verdict) const {
  constexpr std::size_t kMostNamed = 3;
  std::vector<std::string> traces;
  for (const auto& run : verdict.runs) {
    for (const std::size_t job : run.jobs) {
      if (outcomes_[job].state == JobOutcome::State::finished ||
          outcomes_[job].state == JobOutcome::State::stopped) {
        traces.push_back(plan_.jobs[job].trace.string());
      }
    }
  }
  if (traces.empty()) return {};
  const std::size_t named = std::min(traces.size(), kMostNamed);
  const std::vector<std::string> first(traces.begin(),
                                       traces.begin() + static_cast<std::ptrdiff_t>(named));
  std::string text = fmt::format("  traces {}", fmt::join(first, " "));
  if (traces.size() > named) text += fmt::format(" … ({} files)", traces.size());
  return text + "\n";
}

std::string VerdictPrinter::text_lines(const std::string& label, const std::string& text) const {
  constexpr std::size_t kVerdictLabelColumns = 7;
  return paragraph("  " + padded(label, kVerdictLabelColumns), text,
                   std::max<std::size_t>(terminal_.width(), 60));
}

void VerdictPrinter::print_total(const std::vector<ScenarioVerdict>& verdicts) {
  if (verdicts.size() < 2) return;
  std::vector<std::string> others;
  for (const auto& verdict : verdicts) {
    if (verdict.code() != ExitCode::holds) {
      others.push_back(plan_.scenarios[verdict.scenario].file->id());
    }
  }
  const std::size_t holding = verdicts.size() - others.size();
  std::string text = fmt::format("{}: {} hold", counted(verdicts.size(), "scenario"), holding);
  if (!others.empty()) {
    text += fmt::format(", {} {} not: {}", others.size(), others.size() == 1 ? "does" : "do",
                        fmt::join(others, ", "));
  }
  terminal_.write(terminal_.styled(text, Style::bold) + "\n");
  terminal_.flush();
}

}  // namespace elblab::cli
