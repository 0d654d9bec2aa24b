// What a command may leave behind on the machine beside its output: processes, namespaces,
// temporary files.
#pragma once

#include <chrono>
#include <filesystem>
#include <set>
#include <string>

namespace elblab::torture {

// From its making on, orphans of the commands that this process starts become its children.
class Belongings {
 public:
  Belongings();

  // What is left after waiting for `patience` at most; empty: nothing. Ends the processes.
  // temporary_files: the folder that TMPDIR named.
  std::string left(const std::filesystem::path& temporary_files, std::chrono::seconds patience);

 private:
  std::set<std::string> namespaces_before_;
};

}  // namespace elblab::torture
