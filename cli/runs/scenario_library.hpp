// Where scenario files are, and which file a person means.
//
// Roots, in this order, each searched with its subfolders: $ELBLAB_SCENARIOS (folders separated by
// ':'), ./scenarios, the source tree the binary was built in, the installed share folder. The first
// root that holds an id wins. Files are `<id>.elb.yaml`; everything is listed in a fixed order.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "models/contract/expected.hpp"

namespace elblab::cli {

class ScenarioLibrary {
 public:
  // The roots of this process that exist.
  static ScenarioLibrary of_this_process();
  explicit ScenarioLibrary(std::vector<std::filesystem::path> roots);

  using Files = std::vector<std::filesystem::path>;
  // The files, at least one, of an id ("TW-01", case does not matter), an area ("time-wait"), a
  // file or a folder. The message of an error may span lines.
  Expected<Files> find(const std::string& what) const;
  // Every file of every root; an id that an earlier root holds is left out.
  std::vector<std::filesystem::path> all() const;
  const std::vector<std::filesystem::path>& roots() const { return roots_; }

  // The id a file should hold: its name without ".elb.yaml".
  static std::string id_of(const std::filesystem::path& file);

 private:
  Expected<Files> find_by_name(const std::string& name) const;

  std::vector<std::filesystem::path> roots_;
};

}  // namespace elblab::cli
