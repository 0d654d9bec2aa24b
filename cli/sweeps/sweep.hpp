// A sweep: one run of a scenario over a grid of settings, each cell with each seed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/runs/run_plan.hpp"
#include "cli/runs/scenario_library.hpp"
#include "cli/sweeps/figure.hpp"
#include "cli/sweeps/grid.hpp"
#include "cli/sweeps/sweep_header.hpp"

namespace elblab::cli {

struct SweepOptions {
  std::string what;                          // id or file
  std::string run;                           // empty: the scenario's first
  std::vector<std::string> over;             // path=values
  std::vector<std::string> measures;         // empty: what the run's expectations measure
  std::vector<language::Override> settings;  // of every cell
  unsigned seeds = 1;                        // how many, from 1 on
};

// One simulation of a sweep.
struct SweepRun {
  std::size_t cell = 0;
  std::uint64_t seed = 0;
};

class Sweep {
 public:
  // Error: what is wrong with the options; may span lines.
  static Expected<Sweep> make(const ScenarioLibrary& library, const SweepOptions& options);

  // Decodes every cell, so that a value out of range shows before the first run starts: about a
  // millisecond each. Error: the first cell that cannot be, located in its settings or in the file.
  Expected<void> check_cells() const;

  const language::ScenarioFile& file() const { return *file_; }
  const std::string& run() const { return run_; }
  const Grid& grid() const { return grid_; }
  const std::vector<Figure>& figures() const { return figures_; }
  const std::vector<std::uint64_t>& seeds() const { return seeds_; }
  std::size_t size() const { return grid_.size() * seeds_.size(); }

  // program: "elblab 0.1.0 (ns-3 3.37)"
  SweepHeader header(const std::string& program) const;

  // A job for each of these, in their order, of a sweep whose cells were checked; traces in
  // `folder`, "UHC-15.quick.cell7.seed1.db".
  RunPlan plan(const std::vector<SweepRun>& runs, const std::filesystem::path& folder) const;

 private:
  Sweep(std::unique_ptr<language::ScenarioFile> file, std::string run, Grid grid);
  language::ScenarioFile::Decoded decode(std::size_t cell) const;
  Expected<void> choose_figures(const std::vector<std::string>& texts);

  std::unique_ptr<language::ScenarioFile> file_;
  std::string source_text_;
  std::string run_;
  Grid grid_;
  std::vector<Figure> figures_;
  std::vector<std::uint64_t> seeds_;
  std::vector<language::Override> settings_;
};

}  // namespace elblab::cli
