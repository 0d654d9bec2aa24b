#include "tests/golden/transcript.hpp"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace elblab::golden {
namespace {

constexpr std::size_t kReportedDifferences = 4;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

Line parse_line(std::string_view text) {
  const auto space = text.find(' ');
  if (space == std::string_view::npos) {
    throw std::invalid_argument("expected \"seconds text\": " + std::string(text));
  }
  const std::string time(text.substr(0, space));
  Line line;
  line.at = time == "-" ? kAnyTime : from_seconds(std::stod(time));
  line.text = trimmed(text.substr(space + 1));
  return line;
}

bool agree(const Line& expected, const Line& actual, const Tolerance& tolerance) {
  if (expected.text != actual.text) return false;
  if (expected.at == kAnyTime || actual.at == kAnyTime) return true;
  return tolerance.allows(expected.at, actual.at);
}

std::string line_or_nothing(const Transcript& transcript, std::size_t index) {
  return index < transcript.size() ? to_string(transcript[index]) : std::string("(nothing)");
}

}  // namespace

bool Tolerance::allows(Duration expected, Duration actual) const {
  const Duration late = base + from_seconds(to_seconds(expected) * late_fraction);
  return actual >= expected - base && actual <= expected + late;
}

Transcript parse_transcript(std::string_view text) {
  Transcript transcript;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    if (!line.empty()) transcript.push_back(parse_line(line));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return transcript;
}

std::string differences(const Transcript& expected, const Transcript& actual,
                        const Tolerance& tolerance) {
  std::string report;
  std::size_t found = 0;
  const std::size_t lines = std::max(expected.size(), actual.size());
  for (std::size_t i = 0; i < lines && found < kReportedDifferences; ++i) {
    if (i < expected.size() && i < actual.size() && agree(expected[i], actual[i], tolerance)) {
      continue;
    }
    ++found;
    report += "  line " + std::to_string(i + 1) + "\n    expected " + line_or_nothing(expected, i) +
              "\n    actual   " + line_or_nothing(actual, i) + "\n";
  }
  return report;
}

std::string to_string(const Line& line) {
  char time[32] = "       -";
  if (line.at != kAnyTime) std::snprintf(time, sizeof time, "%8.3f", to_seconds(line.at));
  std::string text = std::string(time) + "  " + line.text;
  if (!line.note.empty()) text += "   (" + line.note + ")";
  return text;
}

}  // namespace elblab::golden
