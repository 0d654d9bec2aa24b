#include "cli/runs/scenario_library.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <set>
#include <string_view>
#include <system_error>

#include "cli/text/letter_case.hpp"
#include "scenarios/catalogue/catalogue.hpp"
#include "scenarios/language/suggestion.hpp"

namespace elblab::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = ".elb.yaml";

bool is_scenario_file(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.size() > kSuffix.size() && name.ends_with(kSuffix);
}

// Sorted by path. What cannot be read is passed over: a folder without permission holds nothing.
std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  fs::recursive_directory_iterator it(folder, fs::directory_options::skip_permission_denied, error);
  while (!error && it != fs::recursive_directory_iterator()) {
    std::error_code ignored;
    if (it->is_regular_file(ignored) && is_scenario_file(it->path())) files.push_back(it->path());
    it.increment(error);
  }
  std::sort(files.begin(), files.end());
  return files;
}

void add_root(std::vector<fs::path>& roots, const fs::path& candidate) {
  std::error_code error;
  if (candidate.empty() || !fs::is_directory(candidate, error)) return;
  for (const auto& root : roots) {
    if (fs::equivalent(root, candidate, error)) return;
  }
  roots.push_back(candidate);
}

bool looks_like_path(const std::string& what) {
  return what.find('/') != std::string::npos || what.ends_with(".yaml") || what.ends_with(".yml");
}

// A row of the catalogue that is no scenario; empty for any other name.
std::string told_by_catalogue(const std::string& name) {
  const catalogue::Row* row = catalogue::Catalogue::built_in().row(name);
  if (row == nullptr) return {};
  if (row->kind == catalogue::RowKind::fact) {
    return fmt::format("{0} is a fact, no scenario; 'elblab list {0}' names those that show it",
                       row->id);
  }
  return fmt::format("{0} is not built yet; 'elblab explain {0}' says what is nearest today",
                     row->id);
}

}  // namespace

ScenarioLibrary ScenarioLibrary::of_this_process() {
  std::vector<fs::path> roots;
  if (const char* variable = std::getenv("ELBLAB_SCENARIOS")) {
    std::string_view rest = variable;
    while (!rest.empty()) {
      const auto colon = rest.find(':');
      add_root(roots, fs::path(rest.substr(0, colon)));
      rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
    }
  }
  add_root(roots, "scenarios");
  std::error_code error;
  const fs::path binary = fs::read_symlink("/proc/self/exe", error);
  if (!error) {
    const fs::path above = binary.parent_path().parent_path();
    add_root(roots, above / "scenarios");               // build/elblab in the source tree
    add_root(roots, above / "share/elblab/scenarios");  // bin/elblab installed
  }
  add_root(roots, ELBLAB_SOURCE_SCENARIOS);  // a build folder outside of the source tree
  return ScenarioLibrary(std::move(roots));
}

ScenarioLibrary::ScenarioLibrary(std::vector<fs::path> roots) : roots_(std::move(roots)) {}

std::string ScenarioLibrary::id_of(const fs::path& file) {
  std::string name = file.filename().string();
  if (is_scenario_file(file)) name.resize(name.size() - kSuffix.size());
  return name;
}

std::vector<fs::path> ScenarioLibrary::all() const {
  std::vector<fs::path> files;
  std::set<std::string> ids;
  for (const auto& root : roots_) {
    for (auto& file : files_below(root)) {
      if (ids.insert(lower(id_of(file))).second) files.push_back(std::move(file));
    }
  }
  return files;
}

Expected<ScenarioLibrary::Files> ScenarioLibrary::find(const std::string& what) const {
  std::error_code error;
  const fs::path path(what);
  const auto status = fs::status(path, error);
  if (fs::is_directory(status)) {
    auto files = files_below(path);
    if (!files.empty()) return files;
    return Error{fmt::format("{}: no scenario files (*{}) in this folder", what, kSuffix)};
  }
  if (fs::exists(status)) return Files{path};  // also a device or a pipe: the loader refuses it
  if (looks_like_path(what)) return Error{fmt::format("{}: no such file", what)};
  return find_by_name(what);
}

Expected<ScenarioLibrary::Files> ScenarioLibrary::find_by_name(const std::string& name) const {
  const auto files = all();
  const std::string wanted = lower(name);
  std::vector<fs::path> area;
  std::vector<std::string> known;
  for (const auto& file : files) {
    if (lower(id_of(file)) == wanted) return Files{file};
    known.push_back(id_of(file));
    const std::string folder = file.parent_path().filename().string();
    if (lower(folder) == wanted) area.push_back(file);
    if (std::find(known.begin(), known.end(), folder) == known.end()) known.push_back(folder);
  }
  if (!area.empty()) return area;
  if (std::string message = told_by_catalogue(name); !message.empty()) return Error{message};
  std::string message = fmt::format("no scenario '{}'", name);
  if (files.empty()) {
    message +=
        ": no scenarios found here (looked in $ELBLAB_SCENARIOS, ./scenarios and beside "
        "the program)";
  } else if (const std::string near = language::nearest(name, known); !near.empty()) {
    message += fmt::format("; did you mean '{}'?", near);
  }
  return Error{message + "\n  'elblab list' shows what there is"};
}

}  // namespace elblab::cli
