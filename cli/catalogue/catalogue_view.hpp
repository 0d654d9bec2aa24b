// The catalogue beside the scenarios and the sources that this process can find.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "scenarios/catalogue/coverage.hpp"

namespace elblab::cli {

class CatalogueView {
 public:
  // Reads every scenario of the library. Files that are no scenarios are left out and told in
  // errors().
  CatalogueView();
  // Reads the sources too: the tree in `top`, or where this is empty, the one this program was
  // built from. False when there is none; coverage() then knows nothing of code.
  bool read_sources(const std::filesystem::path& top = {});

  const catalogue::Coverage& coverage() const { return *coverage_; }
  const std::vector<std::string>& errors() const { return errors_; }

 private:
  std::vector<catalogue::KnownScenario> scenarios_;
  catalogue::Citations citations_;
  std::unique_ptr<catalogue::Coverage> coverage_;
  std::vector<std::string> errors_;
};

}  // namespace elblab::cli
