#include "cli/sweeps/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "cli/text/one_line.hpp"
#include "scenarios/language/suggestion.hpp"

namespace elblab::cli {
namespace {

namespace fs = std::filesystem;
using language::ScenarioFile;

Error joined(const std::vector<language::Diagnostic>& diagnostics) {
  std::string text;
  for (const auto& each : diagnostics) text += (text.empty() ? "" : "\n") + each.to_string();
  return {text};
}

Expected<std::unique_ptr<ScenarioFile>> load(const ScenarioLibrary& library,
                                             const std::string& what) {
  const auto files = library.find(what);
  if (!files) return files.error();
  if (files->size() > 1) {
    return Error{fmt::format("{}: {} scenarios; a sweep is of one", what, files->size())};
  }
  auto loaded = ScenarioFile::load(files->front());
  if (!loaded.file) return joined(loaded.errors);
  return std::move(loaded.file);
}

Expected<std::string> choose_run(const ScenarioFile& file, const std::string& wanted) {
  const auto runs = file.runs();
  if (wanted.empty()) return runs.front();
  if (std::find(runs.begin(), runs.end(), wanted) != runs.end()) return wanted;
  const std::string near = language::nearest(wanted, runs);
  return Error{fmt::format("--run: no run '{}' in {}{} (there are: {})", wanted, file.id(),
                           near.empty() ? "" : fmt::format("; did you mean '{}'?", near),
                           fmt::join(runs, ", "))};
}

Expected<Grid> grid_of(const std::vector<std::string>& over) {
  std::vector<Axis> axes;
  for (const std::string& text : over) {
    auto axis = read_axis(text);
    if (!axis) return axis.error();
    axes.push_back(std::move(*axis));
  }
  return Grid::make(std::move(axes));
}

// FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/): tells texts apart, keeps no secrets.
std::string digest_of(const std::string& text) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return fmt::format("{:016x}", hash);
}

}  // namespace

Sweep::Sweep(std::unique_ptr<ScenarioFile> file, std::string run, Grid grid)
    : file_(std::move(file)), run_(std::move(run)), grid_(std::move(grid)) {}

Expected<Sweep> Sweep::make(const ScenarioLibrary& library, const SweepOptions& options) {
  auto file = load(library, options.what);
  if (!file) return file.error();
  auto run = choose_run(**file, options.run);
  if (!run) return run.error();
  auto grid = grid_of(options.over);
  if (!grid) return grid.error();
  Sweep sweep(std::move(*file), std::move(*run), std::move(*grid));
  sweep.settings_ = options.settings;
  for (unsigned seed = 1; seed <= options.seeds; ++seed) sweep.seeds_.push_back(seed);
  if (sweep.size() > kMostCells) {
    return Error{fmt::format("{} cells × {} seeds are too many, at most {} runs are made",
                             sweep.grid_.size(), options.seeds, kMostCells)};
  }
  if (auto chosen = sweep.choose_figures(options.measures); !chosen) return chosen.error();
  return sweep;
}

Expected<void> Sweep::choose_figures(const std::vector<std::string>& texts) {
  auto decoded = file_->decode(run_, settings_);
  if (!decoded.scenario) return joined(decoded.errors);
  source_text_ = decoded.scenario->source_text.str();
  if (texts.empty()) figures_ = expected_figures(*decoded.scenario);
  for (const std::string& text : texts) {
    auto figure = read_figure(text, *file_, run_, settings_);
    if (!figure) return figure.error();
    const auto same = [&](const Figure& other) { return other.text() == figure->text(); };
    if (std::any_of(figures_.begin(), figures_.end(), same)) {
      return Error{fmt::format("--measure {}: stands there twice", text)};
    }
    figures_.push_back(std::move(*figure));
  }
  if (!figures_.empty()) return {};
  return Error{fmt::format(
      "{} {}: its expectations measure nothing; say what to read from each run, as in --measure "
      "'healthy(app/b1):mean'",
      file_->id(), run_)};
}

language::ScenarioFile::Decoded Sweep::decode(std::size_t cell) const {
  std::vector<language::Override> all = settings_;
  const auto own = grid_.settings(cell);
  all.insert(all.end(), own.begin(), own.end());
  return file_->decode(run_, all);
}

Expected<void> Sweep::check_cells() const {
  for (std::size_t cell = 0; cell < grid_.size(); ++cell) {
    auto decoded = decode(cell);
    if (decoded.scenario) continue;
    // The language calls what the command line sets by the option that usually does.
    for (auto& diagnostic : decoded.errors) {
      for (const auto& setting : grid_.settings(cell)) {
        if (diagnostic.source_line == setting.path + "=" + setting.value) {
          diagnostic.file = "--over";
        }
      }
    }
    return Error{fmt::format("cell {} of {}, {}:\n{}", cell + 1, grid_.size(), grid_.name_of(cell),
                             joined(decoded.errors).message)};
  }
  return {};
}

SweepHeader Sweep::header(const std::string& program) const {
  SweepHeader header;
  header.scenario = file_->id();
  header.title = one_line(file_->title());
  header.run = run_;
  header.program = program;
  header.digest = digest_of(source_text_);
  for (const auto& setting : settings_) {
    header.settings.push_back(one_line(setting.path + "=" + setting.value));
  }
  header.axes = grid_.axes();
  header.seeds = seeds_;
  for (const Figure& figure : figures_) header.measures.push_back({figure.text(), figure.unit});
  return header;
}

RunPlan Sweep::plan(const std::vector<SweepRun>& runs, const fs::path& folder) const {
  RunPlan plan;
  PlannedScenario planned;
  // A plan owns the files of its scenarios; this one was read before.
  planned.file = ScenarioFile::parse(source_text_, file_->file()).file;
  std::optional<std::size_t> last;
  for (const SweepRun& run : runs) {
    if (last != run.cell) {
      auto decoded = decode(run.cell);
      if (!decoded.scenario) throw std::logic_error(joined(decoded.errors).message);
      planned.runs.push_back(std::move(*decoded.scenario));
      last = run.cell;
    }
    Job job;
    job.run = planned.runs.size() - 1;
    job.seed = run.seed;
    job.trace =
        folder / fmt::format("{}.{}.cell{}.seed{}.db", file_->id(), run_, run.cell + 1, run.seed);
    plan.jobs.push_back(std::move(job));
  }
  plan.scenarios.push_back(std::move(planned));
  return plan;
}

}  // namespace elblab::cli
