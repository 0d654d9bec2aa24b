#include "tests/exchanges/exchange_comparison.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <vector>

namespace elblab::exchanges {
namespace {

constexpr double kWheel = 0.125;

using Lines = std::vector<const golden::Line*>;

Lines lines_of(const golden::Transcript& transcript, std::string_view beginning) {
  Lines lines;
  for (const golden::Line& line : transcript) {
    if (line.text.starts_with(beginning)) lines.push_back(&line);
  }
  return lines;
}

bool same(const golden::Line& a, const golden::Line& b, Duration tolerance) {
  if (a.text != b.text) return false;
  if (a.at == golden::kAnyTime || b.at == golden::kAnyTime) return true;
  const Duration apart = a.at > b.at ? a.at - b.at : b.at - a.at;
  return apart <= tolerance + from_seconds(kWheel * to_seconds(std::max(a.at, b.at)));
}

std::string text_at(const Lines& lines, std::size_t index) {
  return index < lines.size() ? golden::to_string(*lines[index]) : std::string("(nothing)");
}

// Numbers become '#', so that lines of one kind are equal.
std::string shape(const Lines& lines, std::size_t index) {
  if (index >= lines.size()) return "nothing";
  std::string kind;
  for (const char letter : lines[index]->text) {
    const bool digit = std::isdigit(static_cast<unsigned char>(letter)) != 0;
    if (digit && !kind.empty() && kind.back() == '#') continue;
    kind += digit ? '#' : letter;
  }
  return kind;
}

// False, and says what differs.
bool compare_stream(const Lines& expected, const Lines& actual, Duration tolerance,
                    Comparison& result) {
  for (std::size_t i = 0; i < std::max(expected.size(), actual.size()); ++i) {
    if (i < expected.size() && i < actual.size() && same(*expected[i], *actual[i], tolerance)) {
      continue;
    }
    if (result.kind.empty()) {
      result.expected = text_at(expected, i);
      result.actual = text_at(actual, i);
      const bool time_only =
          i < expected.size() && i < actual.size() && expected[i]->text == actual[i]->text;
      result.kind = (time_only ? "time of " + shape(expected, i)
                               : shape(expected, i) + " | " + shape(actual, i));
    }
    return false;
  }
  return true;
}

}  // namespace

Comparison compare(const golden::Transcript& expected, const golden::Transcript& actual,
                   Duration tolerance) {
  Comparison result;
  const bool sent =
      compare_stream(lines_of(expected, "> "), lines_of(actual, "> "), tolerance, result);
  const bool received =
      compare_stream(lines_of(expected, "< "), lines_of(actual, "< "), tolerance, result);
  result.outcome =
      compare_stream(lines_of(expected, "socket"), lines_of(actual, "socket"), tolerance, result);
  result.whole = sent && received && result.outcome;
  return result;
}

}  // namespace elblab::exchanges
