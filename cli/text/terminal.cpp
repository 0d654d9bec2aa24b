#include "cli/text/terminal.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>

namespace elblab::cli {
namespace {

constexpr std::size_t kDefaultColumns = 100;
constexpr std::size_t kLeastColumns = 40;

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

bool starts_code_point(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

}  // namespace

Terminal::Terminal(std::FILE* stream) : stream_(stream) {
  const char* term = std::getenv("TERM");
  const bool dumb = term == nullptr || std::string_view(term) == "dumb";
  interactive_ = isatty(fileno(stream)) == 1 && !dumb;
  coloured_ = interactive_ && !is_set("NO_COLOR");
}

std::size_t Terminal::width() const {
  winsize size{};
  if (ioctl(fileno(stream_), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    return std::max<std::size_t>(size.ws_col, kLeastColumns);
  }
  return kDefaultColumns;
}

std::string Terminal::styled(std::string_view text, Style style) const {
  const char* code = "";
  switch (style) {
    case Style::plain:
      break;
    case Style::bold:
      code = "\x1b[1m";
      break;
    case Style::dim:
      code = "\x1b[2m";
      break;
    case Style::good:
      code = "\x1b[32m";
      break;
    case Style::bad:
      code = "\x1b[1;31m";
      break;
  }
  if (!coloured_ || *code == '\0') return std::string(text);
  return fmt::format("{}{}\x1b[0m", code, text);
}

void Terminal::write(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stream_); }

void Terminal::flush() { std::fflush(stream_); }

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b') {  // CSI … final byte 0x40–0x7E
      i += 2;
      while (i < text.size() && (text[i] < '@' || text[i] > '~')) ++i;
    } else if (starts_code_point(text[i])) {
      ++columns;
    }
  }
  return columns;
}

std::string fitted(std::string_view text, std::size_t columns) {
  if (columns_of(text) <= columns) return padded(text, columns);
  if (columns == 0) return {};
  std::size_t seen = 0;
  std::size_t end = 0;
  while (end < text.size()) {
    if (starts_code_point(text[end]) && ++seen == columns) break;
    ++end;
  }
  return std::string(text.substr(0, end)) + "…";
}

std::string padded(std::string_view text, std::size_t columns) {
  std::string result(text);
  const std::size_t used = columns_of(text);
  if (used < columns) result.append(columns - used, ' ');
  return result;
}

std::string wall_time_text(double seconds) {
  if (seconds < 1) return fmt::format("{:.2f} s", seconds);
  if (seconds < 120) return fmt::format("{:.1f} s", seconds);
  const auto whole = std::llround(seconds);
  return fmt::format("{} min {:02} s", whole / 60, whole % 60);
}

}  // namespace elblab::cli
