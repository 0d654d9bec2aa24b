#include "cli/printing/agreement_printer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analysis/expectations/text.hpp"
#include "cli/printing/comparison_printer.hpp"
#include "cli/printing/junit_writer.hpp"
#include "cli/printing/verdict_printer.hpp"
#include "cli/text/marked_section.hpp"
#include "cli/text/text_table.hpp"

namespace elblab::cli {
namespace {

using comparison::Agreement;
using comparison::Comparison;
using expectations::count_text;
using expectations::number_text;
using expectations::signed_text;

std::string case_of(const RunPlan& plan, const AgreementPair& pair) {
  const Job& job = plan.jobs[pair.live];
  std::string text =
      fmt::format("{} {}", plan.scenarios[job.scenario].file->id(), plan.scenario_of(job).run);
  if (plan.scenarios[job.scenario].seeds.size() > 1) text += fmt::format(" seed {}", job.seed);
  if (job.repetition > 1) text += fmt::format(" #{}", job.repetition);
  return text;
}

template <class Difference>
const Difference* widest(const std::vector<Difference>& differences) {
  const auto found =
      std::max_element(differences.begin(), differences.end(),
                       [](const auto& x, const auto& y) { return strain_of(x) < strain_of(y); });
  return found != differences.end() ? &*found : nullptr;
}

// What a row of the table says; the same cells for the terminal and the document.
struct AgreementRow {
  std::string measure;
  std::string simulated;
  std::string live;
  std::string difference;
  std::string bound;
  bool within = true;
};

std::string side(const expectations::Verdict& verdict, bool judged) {
  if (!verdict.problem.empty()) return verdict.problem;
  return verdict.measured_text + (judged && !verdict.holds ? " (fails)" : "");
}

std::vector<AgreementRow> expectation_rows(const Comparison& comparison) {
  std::vector<AgreementRow> rows;
  for (const auto& pair : comparison.expectations) {
    rows.push_back({pair.a.expectation.measure.to_string(), side(pair.a, pair.judged),
                    side(pair.b, pair.judged), signed_text(pair.difference),
                    number_text(pair.bound), pair.within});
  }
  return rows;
}

// Where there is more than one server to choose.
std::vector<AgreementRow> decision_rows(const Comparison& comparison) {
  std::vector<AgreementRow> rows;
  if (comparison.decisions.size() < 2) return rows;
  const auto percent = [](double share) { return fmt::format("{:.2f} %", 100 * share); };
  for (const auto& decision : comparison.decisions) {
    rows.push_back({"share of " + decision.server, percent(decision.share_a),
                    percent(decision.share_b),
                    fmt::format("{:+.2f} %", 100 * (decision.share_b - decision.share_a)),
                    percent(decision.bound), decision.within});
  }
  return rows;
}

std::vector<AgreementRow> widest_rows(const Comparison& comparison) {
  std::vector<AgreementRow> rows;
  if (const auto* series = widest(comparison.series)) {
    rows.push_back(
        {fmt::format("widest of {} series: ", comparison.series.size()) + series->measure,
         number_text(series->a), number_text(series->b), "gap " + number_text(series->gap),
         number_text(series->bound), series->within});
  }
  if (const auto* outcome = widest(comparison.outcomes)) {
    const double apart = static_cast<double>(outcome->b) - static_cast<double>(outcome->a);
    rows.push_back(
        {fmt::format("widest of {}: {} {} {}", counted(comparison.outcomes.size(), "outcome"),
                     outcome->object, outcome->role, outcome->reason),
         count_text(outcome->a), count_text(outcome->b), signed_text(apart),
         number_text(outcome->bound), outcome->within});
  }
  return rows;
}

std::vector<AgreementRow> rows_of(const Comparison& comparison) {
  std::vector<AgreementRow> rows = expectation_rows(comparison);
  for (const auto& more : {decision_rows(comparison), widest_rows(comparison)}) {
    rows.insert(rows.end(), more.begin(), more.end());
  }
  return rows;
}

// " in 2 of 3 live runs": how many say what the pair says. Empty where there was one.
std::string runs_text(const AgreementPair& pair) {
  if (pair.live_runs < 2) return {};
  return fmt::format(" in {} of {} live runs",
                     pair.differs() ? pair.live_runs - pair.agreeing : pair.agreeing,
                     pair.live_runs);
}

std::string block_of(const RunPlan& plan, const AgreementPair& pair, const Terminal& terminal) {
  if (pair.comparison->agreement == Agreement::different) {
    const ComparedTrace simulated{plan.jobs[pair.simulated].trace, pair.simulated_trace.get()};
    const ComparedTrace live{plan.jobs[pair.live].trace, pair.live_trace.get()};
    return ComparisonPrinter(simulated, live, pair.bounds, terminal, false).text(*pair.comparison);
  }
  TextTable table(5, "lllrll");
  for (const AgreementRow& row : rows_of(*pair.comparison)) {
    table.add(
        {row.measure, row.simulated, row.live, row.difference, "bound " + row.bound,
         terminal.styled(row.within ? "ok" : "DIFFERS", row.within ? Style::good : Style::bad)});
  }
  return fmt::format("{}  {}{}: simulated | live | difference\n",
                     terminal.styled(case_of(plan, pair), Style::bold),
                     agreement_text(pair.comparison->agreement, terminal), runs_text(pair)) +
         table.text();
}

// What the live runs differed in that were made again, a line each; those that lost the vote too.
std::string settled_text(const RunPlan& plan, const std::vector<AgreementPair>& pairs) {
  std::string text;
  for (const auto& pair : pairs) {
    if (pair.live_runs < 2) continue;
    for (const auto& difference : pair.differences) {
      text += fmt::format("  {}{}: {}\n", case_of(plan, pair), pair.differs() ? "" : ", outvoted",
                          difference);
    }
  }
  return text.empty() ? text : "live runs that differed, simulated | live\n" + text;
}

// "|" would end a cell.
std::string cell(std::string text) {
  for (auto at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2)) {
    text.insert(at, "\\");
  }
  return text;
}

}  // namespace

std::string agreement_text(const RunPlan& plan, const std::vector<AgreementPair>& pairs,
                           const Terminal& terminal, bool quiet) {
  std::string text;
  std::size_t agreeing = 0;
  std::vector<std::string> others;
  for (const auto& pair : pairs) {
    const bool agrees = pair.code() == ExitCode::holds;
    if (pair.comparison && !(quiet && agrees)) text += block_of(plan, pair, terminal);
    if (!pair.problem.empty()) {
      text += fmt::format("{}  {} {}\n", terminal.styled(case_of(plan, pair), Style::bold),
                          terminal.styled("!", Style::bad), pair.problem);
    }
    if (agrees) {
      ++agreeing;
    } else {
      others.push_back(case_of(plan, pair) + runs_text(pair));
    }
  }
  std::string total =
      fmt::format("{} simulated and live: {} agree", counted(pairs.size(), "run"), agreeing);
  if (!others.empty()) {
    total += fmt::format(", {} {} not: {}", others.size(), others.size() == 1 ? "does" : "do",
                         fmt::join(others, ", "));
  }
  return text + settled_text(plan, pairs) + terminal.styled(total, Style::bold) + "\n";
}

std::string agreement_markdown(const RunPlan& plan, const std::vector<AgreementPair>& pairs) {
  std::string text =
      "| case | measure | simulated | live | difference | bound |\n"
      "|---|---|---|---|---|---|\n";
  for (const auto& pair : pairs) {
    const std::string name = case_of(plan, pair) + runs_text(pair);
    if (!pair.comparison) {
      text += fmt::format("| {} | not compared: {} | | | | |\n", name, cell(pair.problem));
      continue;
    }
    for (const AgreementRow& row : rows_of(*pair.comparison)) {
      text += fmt::format("| {} | `{}` | {} | {} | {}{} | {} |\n", name, row.measure,
                          cell(row.simulated), cell(row.live), row.difference,
                          row.within ? "" : " **differs**", row.bound);
    }
  }
  return text;
}

std::string agreement_junit(const RunPlan& plan, const std::vector<AgreementPair>& pairs) {
  std::string cases;
  std::size_t failures = 0;
  std::size_t errors = 0;
  for (const auto& pair : pairs) {
    std::string failure;
    if (pair.code() == ExitCode::expectation_failed) {
      ++failures;
      failure = fmt::format("<failure message=\"{} figures beyond their bounds{}. {}\"/>",
                            pair.comparison->beyond_bounds(), runs_text(pair),
                            xml_escaped(pair.comparison->parting));
    } else if (pair.code() != ExitCode::holds) {
      ++errors;
      failure = fmt::format("<error message=\"{}\"/>", xml_escaped(pair.problem));
    }
    cases += fmt::format("  <testcase classname=\"agreement\" name=\"{}\">{}</testcase>\n",
                         xml_escaped(case_of(plan, pair)), failure);
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"agreement\""
      " tests=\"{}\" failures=\"{}\" errors=\"{}\">\n{}</testsuite>\n</testsuites>\n",
      pairs.size(), failures, errors, cases);
}

std::string write_markdown(const std::filesystem::path& file, const std::string& table) {
  return write_marked_section(file, "agreement", table);
}

}  // namespace elblab::cli
