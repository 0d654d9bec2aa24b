#include "scenarios/language/scenario_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "scenarios/language/diagnostics.hpp"
#include "scenarios/language/effective.hpp"
#include "scenarios/language/file_kind.hpp"
#include "scenarios/language/live_variant.hpp"
#include "scenarios/language/overrides.hpp"
#include "scenarios/language/resolver.hpp"
#include "scenarios/language/run_trees.hpp"
#include "scenarios/language/sections.hpp"
#include "scenarios/language/source_reader.hpp"
#include "scenarios/language/suggestion.hpp"
#include "scenarios/language/world_rules.hpp"

namespace elblab::language {
namespace {

constexpr std::string_view kOnlyRun = "run";
constexpr std::string_view kScenarioBeginning = "a scenario begins with 'scenario: ID'";

std::string folder_of(const std::string& file) {
  return std::filesystem::path(file).parent_path().filename().string();
}

Document read_document(const Node& tree, Diagnostics& diagnostics) {
  Document document;
  document_section().read(tree, tree.place, diagnostics, document);
  if (document.runs.empty()) document.runs.push_back({std::string(kOnlyRun), {}, {}, Node::map()});
  return document;
}

// nullptr: there is none.
template <typename Value>
const Value* value_at(const std::map<std::string, const Value*>& values, const std::string& name) {
  const auto found = values.find(name);
  return found == values.end() ? nullptr : found->second;
}

void report(const std::vector<WorldProblem>& problems, const Node& tree, Diagnostics& diagnostics) {
  for (const WorldProblem& each : problems) {
    diagnostics.error(place_of(tree, each.path), each.message);
  }
}

}  // namespace

class ScenarioFile::Impl {
 public:
  SourcePtr source;
  std::optional<RunTrees> trees;  // set when the file has a tree
  Document header;                // the base as decoded, for what does not differ between runs
  // Of the header, by name: a file may have thousands of runs, each of which is looked for.
  RunNames names;
  std::map<std::string, const RunEntry*> runs;
  std::vector<std::string> live_names;  // in file order
  std::map<std::string, const LiveRunEntry*> live_runs;
  std::string area;

  Decoded decode(const std::string& run, const std::vector<Override>& overrides,
                 Variant variant) const;
  // After the header was read.
  void index_runs();
  // As decode(), without the effective text; `document` is what that is written from.
  Decoded resolve_run(const std::string& run, const std::vector<Override>& overrides,
                      Variant variant, Document& document) const;
  // Decodes every run once, so that what loads also runs. The errors of the first that does not.
  std::vector<Diagnostic> check_runs() const;
  // The same for the live variant.
  std::vector<Diagnostic> check_live() const;

 private:
  std::vector<Diagnostic> check_name(const std::string& run, Variant variant) const;
  bool sets_expectations(const std::string& run, const std::vector<Override>& overrides,
                         Variant variant) const;
  Node tree_of(const std::string& run, const std::vector<Override>& overrides,
               Variant variant) const;
  void check_expected_runs(Diagnostics& diagnostics) const;
  Node changed_tree(const std::string& run, const std::vector<Override>& overrides, Variant variant,
                    Diagnostics& diagnostics) const;
};

void ScenarioFile::Impl::index_runs() {
  for (const RunEntry& run : header.runs) {
    names.insert(run.name);
    runs.emplace(run.name, &run);
  }
  live_names = live_run_names(header);
  if (!header.live) return;
  for (const LiveRunEntry& run : header.live->runs) live_runs.emplace(run.name, &run);
}

std::vector<Diagnostic> ScenarioFile::Impl::check_name(const std::string& run,
                                                       Variant variant) const {
  Diagnostics diagnostics;
  if (!names.contains(run)) {
    error_about_file(source->name(), fmt::format("there is no run named '{}'", run), diagnostics,
                     did_you_mean(nearest(run, {names.begin(), names.end()})));
  } else if (variant == Variant::live && header.live) {
    const bool named = header.live->runs.empty() || live_runs.contains(run);
    if (!named) {
      error_about_file(
          source->name(),
          fmt::format("run '{}' is not run live; those are: {}", run, fmt::join(live_names, ", ")),
          diagnostics);
    }
  }
  return diagnostics.take();
}

bool ScenarioFile::Impl::sets_expectations(const std::string& run,
                                           const std::vector<Override>& overrides,
                                           Variant variant) const {
  const auto is_one = [](const std::string& path) { return path.starts_with("expect"); };
  const auto has_one = [&](const Node& set) {
    return std::any_of(set.entries.begin(), set.entries.end(),
                       [&](const Entry& entry) { return is_one(entry.key); });
  };
  const RunEntry* entry = value_at(runs, run);
  if (entry != nullptr && has_one(entry->set)) return true;
  if (variant == Variant::live && header.live) {
    const LiveRunEntry* live = value_at(live_runs, run);
    if (has_one(header.live->set) || (live != nullptr && has_one(live->set))) return true;
  }
  return std::any_of(overrides.begin(), overrides.end(),
                     [&](const Override& each) { return is_one(each.path); });
}

// Who sets expectations may mean those of any run.
Node ScenarioFile::Impl::tree_of(const std::string& run, const std::vector<Override>& overrides,
                                 Variant variant) const {
  const bool live = variant == Variant::live;
  if (!sets_expectations(run, overrides, variant)) return trees->part_of(run, live);
  Node tree = trees->whole();
  if (live && trees->live_expectations()) tree.put("expect", *trees->live_expectations());
  return tree;
}

Node ScenarioFile::Impl::changed_tree(const std::string& run,
                                      const std::vector<Override>& overrides, Variant variant,
                                      Diagnostics& diagnostics) const {
  Node changed = tree_of(run, overrides, variant);
  if (const RunEntry* entry = value_at(runs, run)) apply_set(changed, entry->set, diagnostics);
  if (variant == Variant::live && header.live) {
    apply_live(changed, *header.live, value_at(live_runs, run), diagnostics);
  }
  for (const Override& each : overrides) apply_override(changed, each, diagnostics);
  return changed;
}

ScenarioFile::Decoded ScenarioFile::Impl::decode(const std::string& run,
                                                 const std::vector<Override>& overrides,
                                                 Variant variant) const {
  Document document;
  Decoded decoded = resolve_run(run, overrides, variant, document);
  if (decoded.scenario) {
    decoded.scenario->effective_yaml = effective_yaml(std::move(document), run, variant);
  }
  return decoded;
}

ScenarioFile::Decoded ScenarioFile::Impl::resolve_run(const std::string& run,
                                                      const std::vector<Override>& overrides,
                                                      Variant variant, Document& document) const {
  Decoded decoded;
  decoded.errors = check_name(run, variant);
  if (!decoded.errors.empty()) return decoded;
  Diagnostics diagnostics;
  const Node changed = changed_tree(run, overrides, variant, diagnostics);
  document = read_document(changed, diagnostics);
  Scenario scenario;
  scenario.variant = variant;
  if (header.live) scenario.agreement_tolerance = header.live->tolerance;
  if (diagnostics.empty()) resolve(document, changed, run, names, diagnostics, scenario);
  const bool resolved = diagnostics.empty();
  Diagnostics not_live;
  if (resolved) report(problems_in_simulation(scenario), changed, diagnostics);
  // A file without a live section is meant for the simulation: it may be run live all the same.
  const bool live = variant == Variant::live && header.live;
  if (resolved) report(problems_live(scenario), changed, live ? diagnostics : not_live);
  if (!header.live) decoded.live_errors = not_live.take();
  if (!diagnostics.empty()) {
    decoded.errors = diagnostics.take();
    return decoded;
  }
  scenario.area = area;
  scenario.source_text = SharedText({source, &source->text()});
  decoded.scenario = std::move(scenario);
  return decoded;
}

std::vector<Diagnostic> ScenarioFile::Impl::check_runs() const {
  std::set<std::pair<std::string, std::string>> used;  // balancer, group
  std::set<std::string> joined;                        // security groups
  for (const RunEntry& run : header.runs) {
    Document document;
    Decoded decoded = resolve_run(run.name, {}, Variant::as_written, document);
    if (!decoded.errors.empty()) return std::move(decoded.errors);
    for (const config::LoadBalancer& balancer : decoded.scenario->balancers) {
      for (const config::Listener& listener : balancer.listeners) {
        used.insert({balancer.name, listener.group});
      }
    }
    for (const HostSpec& host : decoded.scenario->hosts) {
      joined.insert(host.security_groups.begin(), host.security_groups.end());
    }
  }
  Diagnostics diagnostics;
  check_expected_runs(diagnostics);
  for (const config::SecurityGroup& group : header.security_groups) {
    if (joined.contains(group.name)) continue;
    diagnostics.error(key_place_of(trees->whole(), {"security_groups", group.name}),
                      fmt::format("no host is in security group '{}' in any run", group.name));
  }
  for (const BalancerEntry& balancer : header.all_balancers()) {
    for (const GroupEntry& group : balancer.groups) {
      // Its protocol follows from a listener, unless it is kept on purpose and says so itself.
      if (used.contains({balancer.name, group.name}) || group.protocol) continue;
      diagnostics.error(
          key_place_of(trees->whole(), header.path_of(balancer, {"groups", group.name})),
          fmt::format("no listener uses group '{}' in any run, and it names no 'protocol'",
                      group.name));
    }
  }
  return diagnostics.take();
}

void ScenarioFile::Impl::check_expected_runs(Diagnostics& diagnostics) const {
  for (const ExpectEntry& entry : header.expect) {
    if (entry.run == kEveryRun || names.contains(entry.run)) continue;
    std::vector<std::string> known{std::string(kEveryRun)};
    known.insert(known.end(), names.begin(), names.end());
    diagnostics.error(key_place_of(trees->whole(), {"expect", entry.run}),
                      fmt::format("there is no run named '{}'", entry.run),
                      did_you_mean(nearest(entry.run, known)));
  }
}

std::vector<Diagnostic> ScenarioFile::Impl::check_live() const {
  Diagnostics diagnostics;
  check_live_section(header, trees->whole(), diagnostics);
  if (!diagnostics.empty()) return diagnostics.take();
  for (const std::string& run : live_names) {
    Document document;
    Decoded decoded = resolve_run(run, {}, Variant::live, document);
    if (!decoded.errors.empty()) return std::move(decoded.errors);
  }
  return {};
}

ScenarioFile::ScenarioFile(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ScenarioFile::~ScenarioFile() = default;

ScenarioFile::Loaded ScenarioFile::load(const std::filesystem::path& path) {
  Diagnostics diagnostics;
  const auto text = read_text(path, diagnostics);
  if (text) return parse(*text, path.string());
  return {diagnostics.take(), nullptr};
}

ScenarioFile::Loaded ScenarioFile::parse(std::string_view text, const std::string& file_name) {
  Diagnostics diagnostics;
  ReadSource read = read_source(text, file_name, kScenarioBeginning, diagnostics);
  auto impl = std::make_unique<Impl>();
  impl->source = std::move(read.source);
  impl->area = folder_of(file_name);
  if (read.tree && kind_of(*read.tree) == FileKind::balancer) {
    error_about_file(file_name,
                     "this is a balancer file, without hosts and a workload; elblab replay takes "
                     "it with --balancer",
                     diagnostics);
  } else if (read.tree) {
    impl->trees.emplace(std::move(*read.tree));
    impl->header = read_document(impl->trees->whole(), diagnostics);
    impl->index_runs();
  }
  Loaded loaded;
  loaded.errors = diagnostics.take();
  if (loaded.errors.empty()) loaded.errors = impl->check_runs();
  if (loaded.errors.empty()) loaded.errors = impl->check_live();
  if (!loaded.errors.empty()) return loaded;
  loaded.file.reset(new ScenarioFile(std::move(impl)));
  return loaded;
}

const std::string& ScenarioFile::id() const { return impl_->header.id; }
const std::string& ScenarioFile::title() const { return impl_->header.title; }
const std::string& ScenarioFile::area() const { return impl_->area; }
const std::string& ScenarioFile::profile() const { return impl_->header.profile; }
const std::vector<std::string>& ScenarioFile::exercises() const { return impl_->header.exercises; }
const std::vector<std::uint64_t>& ScenarioFile::seeds() const { return impl_->header.seeds; }
const std::string& ScenarioFile::why() const { return impl_->header.why; }
const std::string& ScenarioFile::remedy() const { return impl_->header.remedy; }
const std::string& ScenarioFile::text() const { return impl_->header.text; }
const std::string& ScenarioFile::file() const { return impl_->source->name(); }

std::vector<std::string> ScenarioFile::runs() const {
  std::vector<std::string> names;
  for (const RunEntry& run : impl_->header.runs) names.push_back(run.name);
  return names;
}

std::vector<std::string> ScenarioFile::live_runs() const { return impl_->live_names; }

ScenarioFile::Decoded ScenarioFile::decode(const std::string& run,
                                           const std::vector<Override>& overrides,
                                           Variant variant) const {
  return impl_->decode(run, overrides, variant);
}

}  // namespace elblab::language
