// The commands that are disturbed, over one scenario and one capture of it, made once.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tests/torture/point.hpp"

namespace elblab::torture {

class Commands {
 public:
  // folder: for the scenario and the capture.
  explicit Commands(const std::filesystem::path& folder);

  std::vector<std::string> words(Command command) const;
  // The trace that it writes, in its working directory; of a sweep the table.
  static std::string output_of(Command command);
  // What it takes in peace. Measured at the first call.
  std::chrono::duration<double> length(Command command);

 private:
  std::string scenario_;
  std::string capture_;
  std::map<Command, double> lengths_;
};

}  // namespace elblab::torture
