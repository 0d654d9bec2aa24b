// What came out: the runs, why they failed, what was expected, what differs between them.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "analysis/expectations/text.hpp"
#include "analysis/metrics/metrics.hpp"
#include "analysis/reports/cells.hpp"
#include "analysis/reports/sections.hpp"
#include "analysis/reports/telling.hpp"

namespace elblab::reports {
namespace {

Cell verdict_cell(const ReportedRun& run) {
  if (!run.trace->complete()) return text_cell("cut off", Tone::warning);
  if (!run.scenario) return text_cell("not judged", Tone::warning);
  if (!run.judged()) return text_cell("nothing expected", Tone::dim);
  return run.holds() ? text_cell("holds", Tone::good) : text_cell("fails", Tone::bad);
}

// A figure of each run, by name, in the order in which runs first have it.
class Figures {
 public:
  explicit Figures(std::size_t runs) : runs_(runs) {}

  void add(std::size_t run, const std::string& name, Cell cell) {
    auto [at, is_new] = rows_.try_emplace(name, std::vector<Cell>(runs_, number_cell({})));
    if (is_new) names_.push_back(name);
    at->second[run] = std::move(cell);
  }

  Table table(const std::vector<ReportedRun>& runs) const {
    Table table;
    table.name = "differences";
    table.columns.push_back({"figure", "figure"});
    for (const auto& run : runs) table.columns.push_back({run.label, run.label, true});
    const bool two = runs.size() == 2;
    if (two) table.columns.push_back({"change", "change", true});
    for (const auto& name : names_) {
      std::vector<Cell> row{text_cell(name)};
      const auto& cells = rows_.at(name);
      row.insert(row.end(), cells.begin(), cells.end());
      if (two) row.push_back(change(cells[0], cells[1]));
      table.rows.push_back(std::move(row));
    }
    return table;
  }

 private:
  static Cell change(const Cell& from, const Cell& to) {
    if (trace::is_null(from.value) || trace::is_null(to.value)) return number_cell({});
    const double before = trace::to_real(from.value);
    const double after = trace::to_real(to.value);
    // What rounds to nothing is nothing.
    if (std::fabs(after - before) < 5e-4 * std::fabs(before) || before == after) {
      return text_cell("same", Tone::dim);
    }
    if (before == 0) return text_cell("from 0");
    if (after == 0) return text_cell("gone");
    Cell cell;
    cell.value = after / before - 1;
    cell.text = fmt::format("{:+.1f} %", 100 * (after / before - 1));
    return cell;
  }

  std::size_t runs_;
  std::vector<std::string> names_;
  std::map<std::string, std::vector<Cell>> rows_;
};

void add_figures(const ReportedRun& run, std::size_t index, Figures& figures) {
  const trace::Reader& trace = *run.trace;
  const auto put = [&](const std::string& name, Cell cell) {
    figures.add(index, name, std::move(cell));
  };
  for (const auto& workload : metrics::requests(trace)) {
    const std::string of = " (" + workload.workload + ")";
    put("requests" + of, count_cell(workload.requests));
    put("answered" + of, count_cell(workload.responses));
    put("failed" + of, count_cell(workload.failures));
  }
  for (const auto& latency : metrics::latencies(trace, kStart, kNever)) {
    put("response time, median (" + latency.workload + ")", duration_cell(latency.p50));
    put("response time, p99 (" + latency.workload + ")", duration_cell(latency.p99));
  }
  std::uint64_t dropped = 0;
  for (const auto& drop : metrics::drops(trace)) dropped += drop.packets;
  put("packets dropped", count_cell(dropped));
  for (const auto& imbalance : metrics::imbalances(trace)) {
    put("imbalance of " + imbalance.group, number_cell(imbalance.connections));
  }
  for (const auto& level : run.occupancies) {
    if (level.share >= 0.5) put("peak of " + level.measure, number_cell(level.peak, level.unit));
  }
}

}  // namespace

Section runs_section(const Runs& runs) {
  Section section{"runs", "Runs", {}};
  Table table;
  table.name = "runs";
  table.columns = {{"run", "run"},
                   {"verdict", "verdict"},
                   {"scenario", "scenario"},
                   {"world", "world"},
                   {"profile", "profile"},
                   {"seed", "seed", true},
                   {"length_s", "length", true},
                   {"trace", "trace"}};
  for (const auto& run : runs) {
    const auto& data = run.trace->metadata();
    table.rows.push_back({text_cell(run.label), verdict_cell(run), text_cell(data.scenario),
                          text_cell(data.world),
                          text_cell(run.scenario ? run.scenario->profile : "–"),
                          text_cell(std::to_string(data.seed)),
                          moment_cell(run.trace->end_of_run()), text_cell(run.path)});
  }
  section.blocks.emplace_back(std::move(table));
  return section;
}

Section diagnosis_section(const Runs& runs) {
  Section section{"diagnosis", "Diagnosis", {}};
  for (const auto& run : runs) {
    if (runs.size() > 1) section.blocks.emplace_back(Paragraph{run.label, Tone::plain, "run"});
    for (Block& block : tell(run.diagnosis)) section.blocks.push_back(std::move(block));
  }
  return section;
}

Section expectations_section(const Runs& runs) {
  Section section{"expectations", "Expectations", {}};
  Table table = table_of(runs, "expectations",
                         {{"measure", "measure"},
                          {"measured", "measured"},
                          {"expected", "expected"},
                          {"verdict", "verdict"}});
  for (const auto& run : runs) {
    for (const auto& verdict : run.verdicts) {
      Cell measured = text_cell(verdict.problem.empty() ? verdict.measured_text : verdict.problem);
      // A diagnosis is no number.
      const bool is_number = verdict.problem.empty() && !verdict.expectation.measure.object.empty();
      if (is_number) measured.value = verdict.measured;
      add_row(table, runs, run,
              {text_cell(verdict.expectation.measure.to_string()), measured,
               text_cell(verdict.expected_text),
               verdict.holds ? text_cell("ok", Tone::good) : text_cell("FAILED", Tone::bad)});
    }
    if (!run.scenario) {
      section.blocks.emplace_back(
          Paragraph{run.label + ": the scenario in this trace cannot be read by this elblab; its "
                                "expectations are not judged.",
                    Tone::warning});
    } else if (!run.trace->complete()) {
      section.blocks.emplace_back(
          Paragraph{run.label + ": the run was cut off or is still going on; its expectations are "
                                "not judged.",
                    Tone::warning});
    }
  }
  if (!table.rows.empty()) section.blocks.emplace_back(std::move(table));
  return section;
}

Section differences_section(const Runs& runs) {
  Section section{"differences", "Side by side", {}};
  if (runs.size() < 2) return section;
  Figures figures(runs.size());
  for (std::size_t i = 0; i < runs.size(); ++i) add_figures(runs[i], i, figures);
  section.blocks.emplace_back(figures.table(runs));
  return section;
}

}  // namespace elblab::reports
