#include "cli/text/paragraph.hpp"

#include <sstream>

#include "cli/text/terminal.hpp"

namespace elblab::cli {

std::string paragraph(std::string_view label, std::string_view text, std::size_t width) {
  const std::string indent(columns_of(label), ' ');
  std::istringstream words{std::string(text)};
  std::string result;
  std::string line;
  const auto end_line = [&] {
    result += (result.empty() ? std::string(label) : indent) + line + "\n";
    line.clear();
  };
  for (std::string word; words >> word;) {
    const bool fits = indent.size() + columns_of(line) + 1 + columns_of(word) <= width;
    if (!line.empty() && !fits) end_line();
    line += (line.empty() ? "" : " ") + word;
  }
  if (!line.empty()) end_line();
  return result;
}

}  // namespace elblab::cli
