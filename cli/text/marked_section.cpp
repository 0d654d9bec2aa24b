#include "cli/text/marked_section.hpp"

#include <fmt/format.h>

#include <fstream>
#include <sstream>
#include <system_error>

#include "cli/traces/output_file.hpp"

namespace elblab::cli {

namespace {

// In one step: a disk that is full leaves the document as it was.
std::string replace_contents(const std::filesystem::path& file, const std::string& text) {
  const std::filesystem::path anew = file.string() + ".new";
  OutputFile out(anew.string());
  out.write(text);
  if (const auto closed = out.close(); !closed) return closed.error().message;
  std::error_code error;
  std::filesystem::rename(anew, file, error);
  if (!error) return {};
  std::error_code ignored;
  std::filesystem::remove(anew, ignored);
  return fmt::format("cannot write '{}': {}", file.string(), error.message());
}

}  // namespace

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
  return replace_contents(file, whole);
}

}  // namespace elblab::cli
