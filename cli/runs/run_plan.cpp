#include "cli/runs/run_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <system_error>

#include "cli/runs/address_conflicts.hpp"
#include "cli/runs/client_networks.hpp"
#include "scenarios/language/suggestion.hpp"

namespace elblab::cli {
namespace {

namespace fs = std::filesystem;

void add_diagnostics(const std::vector<language::Diagnostic>& diagnostics,
                     std::vector<std::string>& errors) {
  for (const auto& diagnostic : diagnostics) {
    std::string text = diagnostic.to_string();
    // Several runs share the base of a file and would repeat its mistakes.
    if (std::find(errors.begin(), errors.end(), text) == errors.end()) {
      errors.push_back(std::move(text));
    }
  }
}

// The files meant, each once, in the order given.
std::vector<fs::path> files_meant(const ScenarioLibrary& library,
                                  const std::vector<std::string>& what,
                                  std::vector<std::string>& errors) {
  std::vector<fs::path> files;
  std::set<fs::path> seen;
  for (const auto& name : what) {
    auto found = library.find(name);
    if (!found) {
      errors.push_back(std::move(found.error().message));
      continue;
    }
    for (auto& file : *found) {
      std::error_code error;
      fs::path canonical = fs::canonical(file, error);
      if (seen.insert(error ? file : canonical).second) files.push_back(std::move(file));
    }
  }
  return files;
}

std::vector<std::uint64_t> seeds_of(const language::ScenarioFile& file,
                                    const PlanOptions& options) {
  if (!options.seed && !options.seeds) return file.seeds();
  const std::uint64_t first = options.seed.value_or(1);
  std::vector<std::uint64_t> seeds;
  for (unsigned i = 0; i < options.seeds.value_or(1); ++i) seeds.push_back(first + i);
  return seeds;
}

bool holds_name(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<std::string> runs_of(const language::ScenarioFile& file, const PlanOptions& options) {
  if (options.variant == language::Variant::as_written) return file.runs();
  std::vector<std::string> runs = file.live_runs();
  return runs.empty() ? file.runs() : runs;
}

// The runs asked for, in file order. Unknown names are reported once per file that lacks them,
// unless another file of the command has them.
std::vector<std::string> chosen_runs(const language::ScenarioFile& file,
                                     const PlanOptions& options) {
  std::vector<std::string> chosen = runs_of(file, options);
  if (!options.runs.empty()) {
    std::erase_if(chosen, [&](const auto& run) { return !holds_name(options.runs, run); });
  }
  return chosen;
}

bool runs_live(const PlanOptions& options) {
  return std::find(options.worlds.begin(), options.worlds.end(), World::live) !=
         options.worlds.end();
}

// As a value of networks.clients: of the families that the clients have, so that they keep theirs.
std::string networks_text(const std::vector<net::Subnet>& networks,
                          const std::vector<net::IpAddress>& clients) {
  std::vector<std::string> texts;
  for (const net::Subnet& network : networks) {
    const bool used = std::any_of(clients.begin(), clients.end(), [&](const net::IpAddress& each) {
      return each.is_v4() == network.base().is_v4();
    });
    if (used) texts.push_back(network.to_string());
  }
  return fmt::format("[{}]", fmt::join(texts, ", "));
}

// Of runs that go on live, all but the first get client networks of their own. Where a file names
// addresses itself, for hosts or in rules, it keeps them.
language::ScenarioFile::Decoded decode_run(const language::ScenarioFile& file,
                                           const std::string& run, const PlanOptions& options,
                                           bool is_first, ClientNetworks& networks) {
  auto decoded = file.decode(run, options.overrides, options.variant);
  if (!runs_live(options) || !decoded.scenario) return decoded;
  const auto clients = client_addresses(*decoded.scenario);
  const bool stays = is_first || has_rules(*decoded.scenario);
  if (const auto own = stays ? std::nullopt : networks.take(clients.size())) {
    std::vector<language::Override> overrides{{"networks.clients", networks_text(*own, clients)}};
    overrides.insert(overrides.end(), options.overrides.begin(), options.overrides.end());
    if (auto apart = file.decode(run, overrides, options.variant); apart.scenario) {
      decoded = std::move(apart);
    }
  }
  networks.avoid(client_addresses(*decoded.scenario));
  return decoded;
}

// Runs that share addresses although each was to have its own.
void note_shared_addresses(RunPlan& plan) {
  const AddressConflicts conflicts(plan);
  std::set<std::string> told;
  std::vector<std::size_t> live;
  for (std::size_t i = 0; i < plan.jobs.size(); ++i) {
    if (plan.jobs[i].world == World::live) live.push_back(i);
  }
  for (const std::size_t a : live) {
    for (const std::size_t b : live) {
      if (b == a) break;
      const Job& earlier = plan.jobs[b];
      const Job& later = plan.jobs[a];
      if (earlier.scenario == later.scenario && earlier.run == later.run) continue;
      if (!conflicts.between(a, b)) continue;
      const auto name = [&](const Job& job) {
        return fmt::format("{} {}", plan.scenarios[job.scenario].file->id(),
                           plan.scenario_of(job).run);
      };
      if (!told.insert(name(later)).second) continue;
      plan.notes.push_back(
          fmt::format("{} and {} have client addresses in common: live, they are "
                      "not run side by side",
                      name(earlier), name(later)));
    }
  }
}

// The chosen runs and every run that one of them is judged relative to, in file order. Runs that
// are not chosen are not decoded: an override may fit one run of a file only.
void decode_chosen(PlannedScenario& planned, const PlanOptions& options, std::size_t earlier_runs,
                   ClientNetworks& networks, std::vector<std::string>& errors,
                   std::vector<std::string>& notes) {
  const language::ScenarioFile& file = *planned.file;
  std::vector<std::string> chosen = chosen_runs(file, options);
  std::set<std::string> known(chosen.begin(), chosen.end());
  std::map<std::string, language::Scenario> decoded;
  for (std::size_t i = 0; i < chosen.size(); ++i) {  // grows while it is walked
    const std::string run = chosen[i];
    auto result = decode_run(file, run, options, earlier_runs + i == 0, networks);
    add_diagnostics(result.errors, errors);
    if (runs_live(options)) add_diagnostics(result.live_errors, errors);
    if (!result.scenario) continue;
    if (!planned.not_live && !result.live_errors.empty()) {
      planned.not_live = std::move(result.live_errors.front());
    }
    for (const auto& expectation : result.scenario->expectations) {
      const std::string& reference = expectation.relative_to;
      if (reference.empty() || !known.insert(reference).second) continue;
      chosen.push_back(reference);
      notes.push_back(fmt::format("{}: also running {}, which {} is judged relative to", file.id(),
                                  reference, run));
    }
    decoded.emplace(run, std::move(*result.scenario));
  }
  for (const auto& run : file.runs()) {
    if (const auto at = decoded.find(run); at != decoded.end()) {
      planned.runs.push_back(std::move(at->second));
    }
  }
}

std::string unknown_run_message(const std::string& name, const std::vector<std::string>& known) {
  std::string message = fmt::format("--run: no run '{}'", name);
  if (const std::string near = language::nearest(name, known); !near.empty()) {
    message += fmt::format("; did you mean '{}'?", near);
  }
  return message + fmt::format(" (there are: {})", fmt::join(known, ", "));
}

void check_run_names(const PlanOptions& options, const std::vector<std::string>& known,
                     std::vector<std::string>& errors) {
  for (const auto& name : options.runs) {
    if (!holds_name(known, name)) errors.push_back(unknown_run_message(name, known));
  }
}

void add_passes(const PlanOptions& options, const std::string& stem, Job job, RunPlan& plan) {
  job.trace = options.out / (stem + ".db");
  job.packets = options.packets;
  if (options.pcap) job.pcap_folder = options.out / (stem + ".pcap");
  plan.jobs.push_back(job);
  if (!options.check_determinism) return;
  job.pcap_folder.reset();
  job.pass = Pass::same_scheduler;
  job.trace = options.out / (stem + ".again.db");
  plan.jobs.push_back(job);
  job.pass = Pass::other_scheduler;
  job.trace = options.out / (stem + ".map-scheduler.db");
  plan.jobs.push_back(job);
}

// A simulation's trace is named plainly as long as it is the only one of its run and seed.
std::string world_suffix(const PlanOptions& options, World world, unsigned repetition) {
  const bool plain = world == World::simulation && options.worlds.size() == 1;
  if (plain) return options.variant == language::Variant::live ? ".as-live" : "";
  return repetition == 1 ? fmt::format(".{}", to_string(world))
                         : fmt::format(".{}{}", to_string(world), repetition);
}

void add_worlds(const PlanOptions& options, const std::string& stem, Job job, RunPlan& plan) {
  for (const World world : options.worlds) {
    job.world = world;
    const unsigned repetitions = world == World::live ? options.repeat : 1;
    for (job.repetition = 1; job.repetition <= repetitions; ++job.repetition) {
      add_passes(options, stem + world_suffix(options, world, job.repetition), job, plan);
    }
  }
}

void add_jobs(const PlanOptions& options, std::size_t scenario_index, RunPlan& plan) {
  const PlannedScenario& scenario = plan.scenarios[scenario_index];
  for (std::size_t run = 0; run < scenario.runs.size(); ++run) {
    for (const std::uint64_t seed : scenario.seeds) {
      Job job;
      job.scenario = scenario_index;
      job.run = run;
      job.seed = seed;
      job.packet_io = options.packet_io;
      add_worlds(options,
                 fmt::format("{}.{}.seed{}", scenario.file->id(), scenario.runs[run].run, seed),
                 std::move(job), plan);
    }
  }
}

}  // namespace

std::string RunPlan::title_of(const Job& job) const {
  const char* pass = "";
  if (job.pass == Pass::same_scheduler) pass = " again";
  if (job.pass == Pass::other_scheduler) pass = " on the map scheduler";
  std::string world = job.world == World::live ? " live" : "";
  if (job.repetition > 1) world += fmt::format(" #{}", job.repetition);
  return fmt::format("{} {} seed {}{}{}", scenarios[job.scenario].file->id(), scenario_of(job).run,
                     job.seed, world, pass);
}

std::vector<std::string> make_plan(const ScenarioLibrary& library, const PlanOptions& options,
                                   RunPlan& plan) {
  std::vector<std::string> errors;
  std::vector<std::string> known_runs;  // in the order in which they are met
  std::set<std::string> met;
  std::vector<std::string> without_live_section;
  std::map<std::string, std::string> file_of_id;
  std::size_t planned_runs = 0;
  ClientNetworks networks;
  for (const auto& path : files_meant(library, options.what, errors)) {
    auto loaded = language::ScenarioFile::load(path);
    add_diagnostics(loaded.errors, errors);
    if (!loaded.file) continue;
    if (options.only_with_live_section && loaded.file->live_runs().empty()) {
      without_live_section.push_back(loaded.file->id());
      continue;
    }
    PlannedScenario scenario{std::move(loaded.file), {}, {}};
    const language::ScenarioFile& file = *scenario.file;
    const auto [earlier, is_new] = file_of_id.emplace(file.id(), path.string());
    if (!is_new) {
      errors.push_back(
          fmt::format("{}: the id {} is already that of {}; their traces would have "
                      "one name",
                      path.string(), file.id(), earlier->second));
      continue;
    }
    if (options.variant == language::Variant::live && file.live_runs().empty()) {
      plan.notes.push_back(fmt::format("{}: no live section, so it is run as written", file.id()));
    }
    decode_chosen(scenario, options, planned_runs, networks, errors, plan.notes);
    planned_runs += scenario.runs.size();
    for (const auto& run : runs_of(file, options)) {
      if (met.insert(run).second) known_runs.push_back(run);
    }
    if (scenario.runs.empty()) continue;  // --run names a run of other files
    scenario.seeds = seeds_of(file, options);
    plan.scenarios.push_back(std::move(scenario));
    add_jobs(options, plan.scenarios.size() - 1, plan);
  }
  if (errors.empty() && plan.scenarios.empty() && !without_live_section.empty()) {
    errors.push_back(fmt::format("no `live` section in {}: nothing says what to run live",
                                 fmt::join(without_live_section, ", ")));
  } else if (!without_live_section.empty()) {
    plan.notes.push_back(fmt::format("left out, without a `live` section: {}",
                                     fmt::join(without_live_section, ", ")));
  }
  if (errors.empty()) check_run_names(options, known_runs, errors);
  if (errors.empty()) note_shared_addresses(plan);
  return errors;
}

}  // namespace elblab::cli
