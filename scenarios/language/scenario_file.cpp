#include "scenarios/language/scenario_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "scenarios/language/diagnostics.hpp"
#include "scenarios/language/effective.hpp"
#include "scenarios/language/name_expansion.hpp"
#include "scenarios/language/overrides.hpp"
#include "scenarios/language/resolver.hpp"
#include "scenarios/language/sections.hpp"
#include "scenarios/language/suggestion.hpp"
#include "scenarios/language/tree_loader.hpp"

namespace elblab::language {
namespace {

constexpr std::uintmax_t kLargestFile = 1 << 20;
constexpr std::string_view kOnlyRun = "run";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

Diagnostic about_file(const std::string& file, std::string message) {
  Diagnostic d;
  d.file = file;
  d.message = std::move(message);
  return d;
}

ScenarioFile::Loaded refused(Diagnostic diagnostic) {
  ScenarioFile::Loaded loaded;
  loaded.errors.push_back(std::move(diagnostic));
  return loaded;
}

// Line and column of a byte, for bytes that no tree can hold.
Place place_at(const SourcePtr& source, std::size_t offset) {
  const std::string_view before = std::string_view(source->text()).substr(0, offset);
  const std::size_t newline = before.rfind('\n');
  const std::size_t column = newline == std::string_view::npos ? offset : offset - newline - 1;
  return {source, 1 + static_cast<int>(std::count(before.begin(), before.end(), '\n')),
          1 + static_cast<int>(column), 1};
}

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

  Decoded decode(const std::string& run, const std::vector<Override>& overrides) const;
  // Decodes every run once, so that what loads also runs. The errors of the first that does not.
  std::vector<Diagnostic> check_runs() const;

 private:
  void apply_run(Node& changed, const std::string& run, Diagnostics& diagnostics) const;
};

void ScenarioFile::Impl::apply_run(Node& changed, const std::string& run,
                                   Diagnostics& diagnostics) const {
  for (const RunEntry& entry : header.runs) {
    if (entry.name == run) return apply_set(changed, entry.set, diagnostics);
  }
}

ScenarioFile::Decoded ScenarioFile::Impl::decode(const std::string& run,
                                                 const std::vector<Override>& overrides) const {
  Decoded decoded;
  std::vector<std::string> names;
  for (const RunEntry& entry : header.runs) names.push_back(entry.name);
  if (std::find(names.begin(), names.end(), run) == names.end()) {
    Diagnostic unknown = about_file(source->name(), fmt::format("there is no run named '{}'", run));
    unknown.suggestion = did_you_mean(nearest(run, names));
    decoded.errors.push_back(std::move(unknown));
    return decoded;
  }
  Diagnostics diagnostics;
  Node changed = tree;
  apply_run(changed, run, diagnostics);
  for (const Override& each : overrides) apply_override(changed, each, diagnostics);
  Document document = read_document(changed, diagnostics);
  Scenario scenario;
  if (diagnostics.empty()) resolve(document, changed, run, diagnostics, scenario);
  if (!diagnostics.empty()) {
    decoded.errors = diagnostics.take();
    return decoded;
  }
  scenario.area = area;
  scenario.source_text = source->text();
  scenario.effective_yaml = effective_yaml(std::move(document), run);
  decoded.scenario = std::move(scenario);
  return decoded;
}

std::vector<Diagnostic> ScenarioFile::Impl::check_runs() const {
  std::set<std::string> used;
  for (const RunEntry& run : header.runs) {
    Decoded decoded = decode(run.name, {});
    if (!decoded.errors.empty()) return std::move(decoded.errors);
    for (const config::Listener& listener : decoded.scenario->balancer.listeners) {
      used.insert(listener.group);
    }
  }
  Diagnostics diagnostics;
  for (const GroupEntry& group : header.balancer.groups) {
    // Its protocol follows from a listener, unless it is kept on purpose and says so itself.
    if (used.contains(group.name) || group.protocol) continue;
    diagnostics.error(
        key_place_of(tree, {"balancer", "groups", group.name}),
        fmt::format("no listener uses group '{}' in any run, and it names no 'protocol'",
                    group.name));
  }
  return diagnostics.take();
}

ScenarioFile::ScenarioFile(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ScenarioFile::~ScenarioFile() = default;

ScenarioFile::Loaded ScenarioFile::load(const std::filesystem::path& path) {
  const std::string name = path.string();
  std::error_code failed;
  const auto status = std::filesystem::status(path, failed);
  if (failed || !std::filesystem::exists(status)) {
    return refused(about_file(name, "there is no such file"));
  }
  if (!std::filesystem::is_regular_file(status)) {
    return refused(about_file(name, "this is not a file"));
  }
  const std::uintmax_t size = std::filesystem::file_size(path, failed);
  if (failed) return refused(about_file(name, "cannot be read: " + failed.message()));
  if (size > kLargestFile) {
    return refused(
        about_file(name, fmt::format("{} bytes: a scenario file has at most 1 MiB", size)));
  }
  std::ifstream stream(path, std::ios::binary);
  std::string text(size, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(size));
  if (!stream) return refused(about_file(name, "cannot be read"));
  return parse(text, name);
}

ScenarioFile::Loaded ScenarioFile::parse(std::string_view text, const std::string& file_name) {
  if (text.size() > kLargestFile) {
    return refused(about_file(
        file_name, fmt::format("{} bytes: a scenario file has at most 1 MiB", text.size())));
  }
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  Diagnostics diagnostics;
  auto impl = std::make_unique<Impl>();
  impl->source = std::make_shared<Source>(file_name, std::string(text));
  impl->area = folder_of(file_name);
  Loaded loaded;
  if (const auto bad = find_bad_byte(text)) {
    diagnostics.error(place_at(impl->source, bad->offset), bad->message);
    loaded.errors = diagnostics.take();
    return loaded;
  }
  auto tree = load_tree(impl->source, diagnostics);
  if (tree && tree->is_null() && diagnostics.empty()) {
    return refused(
        about_file(file_name, "the file is empty: a scenario begins with 'scenario: ID'"));
  }
  if (tree) expand_keys(*tree, diagnostics);
  if (tree) {
    impl->tree = std::move(*tree);
    impl->header = read_document(impl->tree, diagnostics);
  }
  loaded.errors = diagnostics.take();
  if (loaded.errors.empty()) loaded.errors = impl->check_runs();
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

ScenarioFile::Decoded ScenarioFile::decode(const std::string& run,
                                           const std::vector<Override>& overrides) const {
  return impl_->decode(run, overrides);
}

}  // namespace elblab::language
