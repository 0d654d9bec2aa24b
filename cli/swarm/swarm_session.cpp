#include "cli/swarm/swarm_session.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/printing/progress_display.hpp"
#include "cli/signals/stop_signals.hpp"
#include "cli/text/one_line.hpp"
#include "cli/traces/output_file.hpp"
#include "scenarios/swarm/random_world.hpp"
#include "scenarios/swarm/shrinking.hpp"

namespace elblab::cli {
namespace {

using Clock = std::chrono::steady_clock;

// Worlds per core that are planned together: few enough that little is lost by an interrupt, many
// enough that no core waits for the slowest.
constexpr std::size_t kBatchPerCore = 32;
// One that hangs is told from one that is only slow by less when it is tried a hundred times.
constexpr std::chrono::seconds kWallTimeWhileShrinking{15};

bool is_due(std::uint64_t seed, unsigned every) { return every > 0 && seed % every == 0; }

// Of a kind that only shows when the world is run more than once, or live.
bool needs_repetition(const Finding& finding) {
  return finding.kind == "not_deterministic" || finding.text.starts_with("run again: ");
}
bool is_live(const Finding& finding) { return finding.text.starts_with("live: "); }

bool shows(const Trial& trial, const std::string& kind) {
  return std::any_of(trial.findings.begin(), trial.findings.end(),
                     [&](const Finding& one) { return one.kind == kind; });
}

}  // namespace

KeptFinding keep_smaller(const TriedWorld& subject, const language::Node& tree,
                         const Finding& finding, const SwarmOptions& options) {
  KeptFinding kept{subject.seed, subject.name, finding, {}, swarm::size_of(tree), 0};
  TrialOptions trial{options.jobs, options.scratch, {}};
  trial.limits.wall_time = kWallTimeWhileShrinking;
  const auto still = [&](const language::Node& smaller) {
    TriedWorld one = subject;
    one.yaml = swarm::yaml_of(smaller);
    one.repeated = needs_repetition(finding);
    one.live = is_live(finding);
    return shows(try_worlds({one}, trial, {}).front(), finding.kind);
  };
  const swarm::Shrunk shrunk = swarm::shrink(tree, swarm::is_accepted, still, options.shrink_tries);
  kept.values_after = swarm::size_of(shrunk.tree);
  const auto path = options.out / fmt::format("{}.{}.elb.yaml", finding.kind, subject.name);
  OutputFile file(path.string());
  file.write(fmt::format("# elblab swarm: {}, {}\n# {}\n", subject.name, finding.kind,
                         one_line(finding.text)));
  file.write(swarm::yaml_of(shrunk.tree));
  if (file.close()) kept.file = path;
  return kept;
}

SwarmSession::SwarmSession(const SwarmOptions& options, SwarmLog& log, Terminal& err)
    : options_(options), log_(log), err_(err), begun_(Clock::now()) {}

std::vector<std::uint64_t> SwarmSession::seeds_to_try() const {
  std::vector<std::uint64_t> seeds;
  for (std::uint64_t i = 0; i < options_.worlds; ++i) {
    if (!log_.has(options_.first_seed + i)) seeds.push_back(options_.first_seed + i);
  }
  return seeds;
}

ExitCode SwarmSession::run() {
  const StopSignals signals;  // between two supervisors nobody else would hear of it
  const auto seeds = seeds_to_try();
  total_ = seeds.size();
  const std::size_t batch = kBatchPerCore * options_.jobs;
  bool going = true;
  for (std::size_t from = 0; from < seeds.size() && going; from += batch) {
    const auto begin = seeds.begin() + static_cast<std::ptrdiff_t>(from);
    const auto count = static_cast<std::ptrdiff_t>(std::min(batch, seeds.size() - from));
    going = try_batch({begin, begin + count}) && !StopSignals::came();
    if (options_.time && Clock::now() - begun_ >= *options_.time) break;
  }
  show(true);
  wall_seconds_ = std::chrono::duration<double>(Clock::now() - begun_).count();
  if (!problem_.empty()) {
    err_.write(problem_ + "\n");
    return ExitCode::could_not_run;
  }
  if (!going && tried_ < total_) return ExitCode::interrupted;
  return kept_.empty() ? ExitCode::holds : ExitCode::expectation_failed;
}

bool SwarmSession::try_batch(const std::vector<std::uint64_t>& seeds) {
  std::vector<TriedWorld> subjects;
  std::vector<language::Node> trees;
  for (const std::uint64_t seed : seeds) {
    swarm::RandomWorld world = swarm::random_world(seed);
    subjects.push_back({seed, world.id, std::move(world.yaml),
                        is_due(seed, options_.every_repeated), is_due(seed, options_.every_live)});
    trees.push_back(std::move(world.tree));
  }
  const std::uint64_t before = tried_;
  const auto ended = [&](std::size_t) {
    ++tried_;
    show(false);
  };
  const auto trials = try_worlds(subjects, {options_.jobs, options_.scratch, {}}, ended);
  tried_ = before;
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    if (trials[i].interrupted) return false;
    if (!note(subjects[i], trials[i])) return false;
    if (!trials[i].findings.empty()) keep(subjects[i], trees[i], trials[i]);
  }
  return true;
}

bool SwarmSession::note(const TriedWorld& subject, const Trial& trial) {
  SwarmRow row;
  row.seed = subject.seed;
  row.finding = !trial.findings.empty()            ? trial.findings.front().kind
                : trial.not_for_simulation.empty() ? "ok"
                                                   : "unsupported";
  row.connections = trial.connections;
  row.packets = trial.packets;
  row.repeated = subject.repeated;
  row.live = subject.live && trial.not_for_live.empty();
  ++tried_;
  const auto added = log_.add(row);
  if (!added) problem_ = added.error().message;
  return added.has_value();
}

void SwarmSession::keep(const TriedWorld& subject, const language::Node& tree, const Trial& trial) {
  const Finding& finding = trial.findings.front();
  if (err_.is_interactive()) err_.draw_over(0, {});
  err_.write(fmt::format("{}: {}: {}\n", subject.name, finding.kind, one_line(finding.text)));
  kept_.push_back(keep_smaller(subject, tree, finding, options_));
  const KeptFinding& kept = kept_.back();
  err_.write(fmt::format("  made smaller, {} values to {}: {}\n", kept.values_before,
                         kept.values_after,
                         kept.file.empty() ? "cannot be written" : kept.file.string()));
}

void SwarmSession::show(bool at_end) {
  constexpr std::size_t kBarColumns = 30;
  constexpr std::uint64_t kEvery = 100;
  if (options_.quiet || total_ == 0) return;
  const double seconds = std::chrono::duration<double>(Clock::now() - begun_).count();
  const std::string line =
      fmt::format("{} of {} worlds, {:.1f} per second, {} with a finding", tried_, total_,
                  static_cast<double>(tried_) / std::max(seconds, 0.001), kept_.size());
  if (err_.is_interactive()) {
    const double share = static_cast<double>(tried_) / static_cast<double>(total_);
    const std::string drawn = fmt::format("{} {}", bar(share, kBarColumns), line);
    err_.draw_over(0, at_end ? std::string() : drawn);
    err_.flush();
  } else if (at_end || (tried_ > 0 && tried_ % kEvery == 0)) {
    err_.write(line + "\n");
  }
}

}  // namespace elblab::cli
