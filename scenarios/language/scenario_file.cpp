#include "scenarios/language/scenario_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "scenarios/language/diagnostics.hpp"
#include "scenarios/language/effective.hpp"
#include "scenarios/language/file_kind.hpp"
#include "scenarios/language/live_variant.hpp"
#include "scenarios/language/overrides.hpp"
#include "scenarios/language/resolver.hpp"
#include "scenarios/language/sections.hpp"
#include "scenarios/language/source_reader.hpp"
#include "scenarios/language/suggestion.hpp"

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

}  // namespace

class ScenarioFile::Impl {
 public:
  SourcePtr source;
  Node tree;
  Document header;  // the base as decoded, for what does not differ between runs
  std::string area;

  Decoded decode(const std::string& run, const std::vector<Override>& overrides,
                 Variant variant) const;
  // Decodes every run once, so that what loads also runs. The errors of the first that does not.
  std::vector<Diagnostic> check_runs() const;
  // The same for the live variant.
  std::vector<Diagnostic> check_live() const;

 private:
  std::vector<Diagnostic> check_name(const std::string& run, Variant variant) const;
  Node changed_tree(const std::string& run, const std::vector<Override>& overrides, Variant variant,
                    Diagnostics& diagnostics) const;
};

std::vector<Diagnostic> ScenarioFile::Impl::check_name(const std::string& run,
                                                       Variant variant) const {
  std::vector<std::string> names;
  for (const RunEntry& entry : header.runs) names.push_back(entry.name);
  Diagnostics diagnostics;
  if (std::find(names.begin(), names.end(), run) == names.end()) {
    error_about_file(source->name(), fmt::format("there is no run named '{}'", run), diagnostics,
                     did_you_mean(nearest(run, names)));
  } else if (variant == Variant::live && header.live) {
    const std::vector<std::string> live = live_run_names(header);
    if (std::find(live.begin(), live.end(), run) == live.end()) {
      error_about_file(
          source->name(),
          fmt::format("run '{}' is not run live; those are: {}", run, fmt::join(live, ", ")),
          diagnostics);
    }
  }
  return diagnostics.take();
}

Node ScenarioFile::Impl::changed_tree(const std::string& run,
                                      const std::vector<Override>& overrides, Variant variant,
                                      Diagnostics& diagnostics) const {
  Node changed = tree;
  for (const RunEntry& entry : header.runs) {
    if (entry.name == run) apply_set(changed, entry.set, diagnostics);
  }
  if (variant == Variant::live) apply_live(changed, header, run, diagnostics);
  for (const Override& each : overrides) apply_override(changed, each, diagnostics);
  return changed;
}

ScenarioFile::Decoded ScenarioFile::Impl::decode(const std::string& run,
                                                 const std::vector<Override>& overrides,
                                                 Variant variant) const {
  Decoded decoded;
  decoded.errors = check_name(run, variant);
  if (!decoded.errors.empty()) return decoded;
  Diagnostics diagnostics;
  const Node changed = changed_tree(run, overrides, variant, diagnostics);
  Document document = read_document(changed, diagnostics);
  Scenario scenario;
  scenario.variant = variant;
  if (header.live) scenario.agreement_tolerance = header.live->tolerance;
  if (diagnostics.empty()) resolve(document, changed, run, diagnostics, scenario);
  if (diagnostics.empty() && variant == Variant::live && header.live) {
    check_possible_live(scenario, changed, diagnostics);
  }
  if (!diagnostics.empty()) {
    decoded.errors = diagnostics.take();
    return decoded;
  }
  scenario.area = area;
  scenario.source_text = source->text();
  scenario.effective_yaml = effective_yaml(std::move(document), run, variant);
  decoded.scenario = std::move(scenario);
  return decoded;
}

std::vector<Diagnostic> ScenarioFile::Impl::check_runs() const {
  std::set<std::pair<std::string, std::string>> used;  // balancer, group
  std::set<std::string> joined;                        // security groups
  for (const RunEntry& run : header.runs) {
    Decoded decoded = decode(run.name, {}, Variant::as_written);
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
  for (const config::SecurityGroup& group : header.security_groups) {
    if (joined.contains(group.name)) continue;
    diagnostics.error(key_place_of(tree, {"security_groups", group.name}),
                      fmt::format("no host is in security group '{}' in any run", group.name));
  }
  for (const BalancerEntry& balancer : header.all_balancers()) {
    for (const GroupEntry& group : balancer.groups) {
      // Its protocol follows from a listener, unless it is kept on purpose and says so itself.
      if (used.contains({balancer.name, group.name}) || group.protocol) continue;
      diagnostics.error(
          key_place_of(tree, header.path_of(balancer, {"groups", group.name})),
          fmt::format("no listener uses group '{}' in any run, and it names no 'protocol'",
                      group.name));
    }
  }
  return diagnostics.take();
}

std::vector<Diagnostic> ScenarioFile::Impl::check_live() const {
  Diagnostics diagnostics;
  check_live_section(header, tree, diagnostics);
  if (!diagnostics.empty()) return diagnostics.take();
  for (const std::string& run : live_run_names(header)) {
    Decoded decoded = decode(run, {}, Variant::live);
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
    impl->tree = std::move(*read.tree);
    impl->header = read_document(impl->tree, diagnostics);
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

std::vector<std::string> ScenarioFile::live_runs() const { return live_run_names(impl_->header); }

ScenarioFile::Decoded ScenarioFile::decode(const std::string& run,
                                           const std::vector<Override>& overrides,
                                           Variant variant) const {
  return impl_->decode(run, overrides, variant);
}

}  // namespace elblab::language
