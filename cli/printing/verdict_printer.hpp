// A verdict as text for a person: one block per scenario.
#pragma once

#include <string>
#include <vector>

#include "cli/runs/verdict.hpp"
#include "cli/text/terminal.hpp"

namespace elblab::cli {

class VerdictPrinter {
 public:
  // All must outlive the printer. quiet: one line per scenario, and what failed.
  VerdictPrinter(const RunPlan& plan, const std::vector<JobOutcome>& outcomes, Terminal& terminal,
                 bool quiet);

  void print(const ScenarioVerdict& verdict);
  // The closing line over several scenarios; nothing for one.
  void print_total(const std::vector<ScenarioVerdict>& verdicts);

 private:
  struct Columns {
    std::size_t label = 0;
    std::size_t measured = 0;
    std::size_t expected = 0;
  };
  Columns columns_of_block(const ScenarioVerdict& verdict) const;
  std::string heading(const ScenarioVerdict& verdict) const;
  std::string run_line(const RunVerdict& run, std::size_t name_columns) const;
  std::string warning_lines(const RunVerdict& run) const;
  std::string expectation_line(const ExpectationVerdict& expectation, const Columns& columns) const;
  std::string drawn_line(const DrawnMeasure& drawn, const Columns& columns) const;
  std::string problem_line(const Problem& problem) const;
  std::string closing_line(const ScenarioVerdict& verdict) const;
  std::string traces_line(const ScenarioVerdict& verdict) const;
  std::string text_lines(const std::string& label, const std::string& text) const;

  const RunPlan& plan_;
  const std::vector<JobOutcome>& outcomes_;
  Terminal& terminal_;
  bool quiet_;
};

// How wide a curve fits beside the other columns of a verdict; 0: none.
std::size_t curve_columns_for(std::size_t terminal_width);
// "1 run", "3 runs"
std::string counted(std::size_t count, const std::string& noun);

}  // namespace elblab::cli
