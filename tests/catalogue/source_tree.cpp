#include "tests/catalogue/source_tree.hpp"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

namespace elblab::catalogue::test {
namespace {

namespace fs = std::filesystem;

std::vector<KnownScenario> load_scenarios() {
  std::vector<fs::path> files;
  const fs::path folder = fs::path(ELBLAB_SOURCE_DIR) / "scenarios";
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().string().ends_with(".elb.yaml")) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<KnownScenario> scenarios;
  for (const fs::path& path : files) {
    const auto loaded = language::ScenarioFile::load(path);
    if (!loaded.file) throw std::runtime_error(loaded.errors.front().to_string());
    const auto& file = *loaded.file;
    scenarios.push_back({file.id(), file.title(), file.area(), file.exercises(),
                         !file.live_runs().empty(), file.file()});
  }
  return scenarios;
}

Citations read_citations() {
  std::vector<std::string> ids;
  for (const auto& scenario : shipped_scenarios()) ids.push_back(scenario.id);
  return citations_below(ELBLAB_SOURCE_DIR, Catalogue::built_in(), ids);
}

}  // namespace

const std::vector<KnownScenario>& shipped_scenarios() {
  static const std::vector<KnownScenario> scenarios = load_scenarios();
  return scenarios;
}

const Citations& citations_of_the_sources() {
  static const Citations citations = read_citations();
  return citations;
}

const Coverage& coverage_of_the_sources() {
  static const Coverage coverage(Catalogue::built_in(), shipped_scenarios(),
                                 &citations_of_the_sources());
  return coverage;
}

}  // namespace elblab::catalogue::test
