#include "scenarios/language/dotted_path.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace elblab::language {

DottedPath segments_of(std::string_view path) {
  DottedPath segments;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= path.size(); ++i) {
    if (i < path.size() && path[i] != '.') continue;
    segments.emplace_back(path.substr(begin, i - begin));
    begin = i + 1;
  }
  return segments;
}

std::string joined(const DottedPath& path) { return fmt::format("{}", fmt::join(path, ".")); }

}  // namespace elblab::language
