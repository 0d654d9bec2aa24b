// From a file, or a text, to a tree: what scenario files and balancer files have in common.
//
// Nothing in a file can make this throw or hang; files over 1 MiB are refused unread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "scenarios/language/diagnostics.hpp"
#include "scenarios/language/source.hpp"
#include "scenarios/language/tree.hpp"

namespace elblab::language {

// nullopt after an error.
std::optional<std::string> read_text(const std::filesystem::path& path, Diagnostics& diagnostics);

// A text as a tree whose keys are expanded (b[1..4] stands for four). `tree` may be there beside
// errors: more of them can then be found in it. `beginning` tells how such a file begins.
struct ReadSource {
  SourcePtr source;
  std::optional<Node> tree;
};
ReadSource read_source(std::string_view text, const std::string& name, std::string_view beginning,
                       Diagnostics& diagnostics);

// A message about a file as a whole.
void error_about_file(const std::string& name, std::string message, Diagnostics& diagnostics,
                      std::string suggestion = {});

}  // namespace elblab::language
