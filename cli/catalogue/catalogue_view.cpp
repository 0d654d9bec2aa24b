#include "cli/catalogue/catalogue_view.hpp"

#include <algorithm>

#include "cli/runs/scenario_library.hpp"
#include "scenarios/language/scenario_file.hpp"

namespace elblab::cli {

using catalogue::Catalogue;
using catalogue::Coverage;

CatalogueView::CatalogueView() {
  for (const auto& path : ScenarioLibrary::of_this_process().all()) {
    const auto loaded = language::ScenarioFile::load(path);
    for (const auto& error : loaded.errors) errors_.push_back(error.to_string());
    if (!loaded.file) continue;
    const auto& file = *loaded.file;
    scenarios_.push_back({file.id(), file.title(), file.area(), file.exercises(),
                          !file.live_runs().empty(), file.file()});
  }
  std::stable_sort(scenarios_.begin(), scenarios_.end(),
                   [](const auto& a, const auto& b) { return a.area < b.area; });
  coverage_ = std::make_unique<Coverage>(Catalogue::built_in(), scenarios_, nullptr);
}

bool CatalogueView::read_sources(const std::filesystem::path& top) {
  const std::filesystem::path tree = top.empty() ? ELBLAB_SOURCE_TREE : top;
  if (!catalogue::is_source_tree(tree)) return false;
  citations_ = catalogue::citations_below(tree, Catalogue::built_in(), {});
  coverage_ = std::make_unique<Coverage>(Catalogue::built_in(), scenarios_, &citations_);
  return true;
}

}  // namespace elblab::cli
