#include "cli/text/marked_section.hpp"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

namespace elblab::cli {

std::string write_marked_section(const std::filesystem::path& file, const std::string& name,
                                 const std::string& text) {
  const std::string begin_mark = fmt::format("<!-- {}: begin -->\n", name);
  const std::string end_mark = fmt::format("<!-- {}: end -->\n", name);
  std::string whole;
  if (std::ifstream in(file, std::ios::binary); in) {
    std::ostringstream read;
    read << in.rdbuf();
    whole = read.str();
  }
  const auto begin = whole.find(begin_mark);
  const auto end = whole.find(end_mark);
  if (begin != std::string::npos && end != std::string::npos && begin < end) {
    const auto from = begin + begin_mark.size();
    whole.replace(from, end - from, text);
  } else {
    whole = text;
  }
  std::ofstream out(file, std::ios::binary);
  out << whole;
  out.close();
  return out ? std::string() : fmt::format("{}: cannot write the table of {}", file.string(), name);
}

}  // namespace elblab::cli
