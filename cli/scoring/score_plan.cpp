#include "cli/scoring/score_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "scenarios/language/suggestion.hpp"
#include "scenarios/random/random_scenario.hpp"

namespace elblab::cli {
namespace {

namespace fs = std::filesystem;
using language::CauseId;
using random_scenarios::causes_to_hide;

std::vector<HiddenCauses> singles() {
  std::vector<HiddenCauses> all;
  all.reserve(causes_to_hide().size());
  for (const CauseId cause : causes_to_hide()) all.push_back({cause});
  return all;
}

std::vector<HiddenCauses> pairs() {
  std::vector<HiddenCauses> all;
  HiddenCauses causes = causes_to_hide();
  std::erase_if(causes, [](CauseId cause) { return !random_scenarios::is_of_a_lane(cause); });
  for (std::size_t i = 0; i < causes.size(); ++i) {
    for (std::size_t j = i + 1; j < causes.size(); ++j) {
      all.push_back({causes[i], causes[j]});
    }
  }
  return all;
}

// Trees of the catalogue, each a question with several answers.
struct Tree {
  std::string_view name;
  HiddenCauses causes;
};

const std::vector<Tree>& trees() {
  static const std::vector<Tree> kTrees{
      // An unhealthy server (HC-S22), as far as the language can hide its causes.
      {"DIAG-04",
       {CauseId::probes_security_group, CauseId::probes_network_acl, CauseId::check_port,
        CauseId::group_without_listener, CauseId::port_not_listening, CauseId::probes_firewall,
        CauseId::host_gone, CauseId::service_port}},
      // A UDP server that is wrongly healthy or unhealthy (UHC-17).
      {"DIAG-05",
       {CauseId::short_timeout, CauseId::icmp_rate_limit, CauseId::echo_ignored,
        CauseId::probes_security_group, CauseId::probes_network_acl, CauseId::probes_firewall,
        CauseId::silent_udp, CauseId::silent_service}},
      // Occasional timeouts.
      {"DIAG-06",
       {CauseId::five_tuple_conflict, CauseId::packet_loss, CauseId::accept_queue,
        CauseId::dead_server}},
      // Uneven traffic.
      {"DIAG-10",
       {CauseId::uneven_weights, CauseId::part_time_server, CauseId::client_addresses,
        CauseId::kept_connections}},
      // A stress test fails.
      {"DIAG-12",
       {CauseId::server_cpu, CauseId::bandwidth, CauseId::client_ports, CauseId::accept_queue,
        CauseId::balancer_ports}},
      // Stickiness does not work, at layer 4.
      {"DIAG-13",
       {CauseId::stickiness_off, CauseId::bound_server_out, CauseId::address_change,
        CauseId::stickiness_over}}};
  return kTrees;
}

std::vector<HiddenCauses> of_tree(const std::string& name) {
  std::vector<HiddenCauses> all;
  for (const Tree& tree : trees()) {
    if (tree.name != name) continue;
    for (const CauseId cause : tree.causes) all.push_back({cause});
  }
  return all;
}

std::string unknown_cause(const std::string& word) {
  std::vector<std::string> known{"single", "pairs", "none"};
  for (const Tree& tree : trees()) known.emplace_back(tree.name);
  for (const CauseId cause : causes_to_hide()) {
    known.emplace_back(language::known_cause(cause).name);
  }
  const std::string near = language::nearest(word, known);
  return fmt::format("--causes: no cause '{}'{} (there are: {}; two joined by '+')", word,
                     near.empty() ? "" : fmt::format("; did you mean '{}'?", near),
                     fmt::join(known, ", "));
}

Expected<HiddenCauses> read_word(const std::string& word) {
  HiddenCauses causes;
  for (std::size_t begin = 0; begin <= word.size();) {
    const std::size_t end = std::min(word.find('+', begin), word.size());
    const std::string name = word.substr(begin, end - begin);
    const auto* cause = random_scenarios::find_cause_to_hide(name);
    if (cause == nullptr) return Error{unknown_cause(name)};
    causes.push_back(*cause);
    begin = end + 1;
  }
  if (causes.size() > 2) {
    return Error{fmt::format("--causes {}: at most two are hidden together", word)};
  }
  if (causes.size() == 2 && causes[0] == causes[1]) {
    return Error{fmt::format("--causes {}: two different ones", word)};
  }
  return causes;
}

// `count` cases that hide these in turn.
void add_cases(const std::vector<HiddenCauses>& causes, std::size_t count, std::uint64_t& seed,
               std::vector<ScoreCase>& cases) {
  for (std::size_t i = 0; i < count && !causes.empty(); ++i) {
    cases.push_back({seed++, causes[i % causes.size()]});
  }
}

Expected<void> check_seeds(const ScoreOptions& options, std::uint64_t first, std::size_t count) {
  const std::uint64_t last = first + count - 1;
  if (options.tuning && last >= kFirstScoringSeed) {
    return Error{fmt::format("--tuning uses seeds below {}; {} to {} are for scoring",
                             kFirstScoringSeed, first, last)};
  }
  if (!options.tuning && first < kFirstScoringSeed) {
    return Error{
        fmt::format("--seed {}: seeds below {} are for tuning (--tuning); score with others", first,
                    kFirstScoringSeed)};
  }
  return {};
}

}  // namespace

Expected<std::vector<HiddenCauses>> read_causes(const std::vector<std::string>& words) {
  std::vector<HiddenCauses> causes;
  const auto add = [&](const std::vector<HiddenCauses>& more) {
    for (const HiddenCauses& one : more) {
      if (std::find(causes.begin(), causes.end(), one) == causes.end()) causes.push_back(one);
    }
  };
  for (const std::string& word : words) {
    if (word == "single") {
      add(singles());
    } else if (word == "pairs") {
      add(pairs());
    } else if (word == "none") {
      add({HiddenCauses{}});
    } else if (const auto tree = of_tree(word); !tree.empty()) {
      add(tree);
    } else {
      auto one = read_word(word);
      if (!one) return one.error();
      add({*one});
    }
  }
  return causes;
}

Expected<std::vector<ScoreCase>> plan_score(const ScoreOptions& options) {
  const std::vector<std::string> all{"single", "none", "pairs"};
  const auto causes = read_causes(options.causes.empty() ? all : options.causes);
  if (!causes) return causes.error();
  std::vector<HiddenCauses> by_count[3];
  for (const HiddenCauses& one : *causes) by_count[one.size()].push_back(one);
  const std::uint64_t first = options.seed.value_or(options.tuning ? 1 : kFirstScoringSeed);
  std::uint64_t seed = first;
  const bool with_single = !by_count[1].empty();
  const std::size_t others = with_single ? (options.runs + 4) / 5 : options.runs;
  std::vector<ScoreCase> cases;
  add_cases(by_count[1], options.runs, seed, cases);
  add_cases(by_count[0], others, seed, cases);
  add_cases(by_count[2], others, seed, cases);
  if (auto checked = check_seeds(options, first, cases.size()); !checked) return checked.error();
  return cases;
}

RunPlan runs_of_score(const std::vector<ScoreCase>& cases, const fs::path& folder) {
  RunPlan plan;
  for (const ScoreCase& one : cases) {
    const auto drawn = random_scenarios::random_scenario(one.seed, one.causes);
    const std::string name = drawn.id + ".elb.yaml";
    auto loaded = language::ScenarioFile::parse(drawn.yaml, (folder / name).string());
    if (!loaded.file) throw std::logic_error(loaded.errors.front().to_string());
    auto decoded = loaded.file->decode(random_scenarios::kSymptomRun);
    if (!decoded.scenario) throw std::logic_error(decoded.errors.front().to_string());
    PlannedScenario scenario;
    scenario.file = std::move(loaded.file);
    scenario.runs.push_back(std::move(*decoded.scenario));
    scenario.seeds = {one.seed};
    Job job;
    job.scenario = plan.scenarios.size();
    job.seed = one.seed;
    job.trace = folder / (drawn.id + ".db");
    plan.scenarios.push_back(std::move(scenario));
    plan.jobs.push_back(std::move(job));
  }
  return plan;
}

}  // namespace elblab::cli
