#include "cli/text/terminal.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>

#include "analysis/export/safe_text.hpp"
#include "cli/text/standard_streams.hpp"

namespace elblab::cli {
namespace {

constexpr std::size_t kDefaultColumns = 100;
constexpr std::size_t kLeastColumns = 40;

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

// A style within a text: bytes that no UTF-8 has, then letters drawn for this process alone, so
// that no file can hold them, then the style.
constexpr std::size_t kMarkBytes = 10;

const std::string& mark_beginning() {
  static const std::string beginning = [] {
    std::random_device device;
    std::string mark = "\xFF";
    while (mark.size() + 1 < kMarkBytes) mark += static_cast<char>('a' + device() % 26);
    return mark;
  }();
  return beginning;
}

std::string mark_of(Style style) {
  return mark_beginning() + static_cast<char>('0' + static_cast<int>(style));
}

std::string_view code_of(char style) {
  switch (static_cast<Style>(style - '0')) {
    case Style::bold:
      return "\x1b[1m";
    case Style::dim:
      return "\x1b[2m";
    case Style::good:
      return "\x1b[32m";
    case Style::bad:
      return "\x1b[1;31m";
    case Style::plain:
      break;
  }
  return "\x1b[0m";
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
  if (!coloured_ || style == Style::plain) return std::string(text);
  return fmt::format("{}{}{}", mark_of(style), text, mark_of(Style::plain));
}

void Terminal::write(std::string_view text) {
  while (!text.empty()) {
    const std::size_t mark = std::min(text.find(mark_beginning()), text.size());
    put(exports::safe_text(text.substr(0, mark)));
    text.remove_prefix(mark);
    if (text.size() < kMarkBytes) break;
    put(code_of(text[kMarkBytes - 1]));
    text.remove_prefix(kMarkBytes);
  }
}

void Terminal::draw_over(std::size_t lines, std::string_view text) {
  if (lines > 0) put(fmt::format("\x1b[{}A", lines));
  put("\r\x1b[J");
  write(text);
}

void Terminal::put(std::string_view bytes) {
  if (stream_ == stdout) {
    StandardOutput::write(bytes);
  } else {
    // There is no place left to complain at.
    std::fwrite(bytes.data(), 1, bytes.size(), stream_);
  }
}

void Terminal::flush() {
  if (stream_ == stdout) {
    StandardOutput::flush();
  } else {
    std::fflush(stream_);
  }
}

bool Terminal::ok() const { return stream_ != stdout || !StandardOutput::is_lost(); }

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with(mark_beginning())) {
      i += kMarkBytes - 1;
    } else if (text[i] == '\x1b') {  // CSI … final byte 0x40–0x7E
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
