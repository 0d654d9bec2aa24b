#include "analysis/reports/lanes_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace elblab::reports {
namespace {

std::string_view sign_of(Tone tone) {
  switch (tone) {
    case Tone::good:
      return "█";
    case Tone::bad:
      return "╌";
    case Tone::warning:
      return "▒";
    case Tone::plain:
    case Tone::dim:
      break;
  }
  return "·";
}

int weight_of(Tone tone) {
  switch (tone) {
    case Tone::bad:
      return 3;
    case Tone::warning:
      return 2;
    case Tone::good:
      return 1;
    case Tone::plain:
    case Tone::dim:
      break;
  }
  return 0;
}

std::string strip_of(const Lane& lane, double end_s, std::size_t columns) {
  std::string strip;
  const double width = end_s / static_cast<double>(columns);
  for (std::size_t i = 0; i < columns; ++i) {
    const double from = width * static_cast<double>(i);
    const LaneSpan* worst = nullptr;
    for (const LaneSpan& span : lane.spans) {
      if (span.from_s >= from + width || span.to_s <= from) continue;
      if (worst == nullptr || weight_of(span.tone) > weight_of(worst->tone)) worst = &span;
    }
    strip += worst == nullptr ? std::string_view(" ") : sign_of(worst->tone);
  }
  return strip;
}

std::string label_of(const Lane& lane) { return (lane.is_part ? "  " : "") + lane.label; }

// "0 s", in the middle, and the end.
std::string axis_of(double end_s, std::size_t columns) {
  const std::string middle = fmt::format("{:.0f} s", end_s / 2);
  const std::string end = fmt::format("{:.0f} s", end_s);
  std::string axis = "0 s";
  axis.resize(std::max(axis.size() + 1, columns / 2 - middle.size() / 2), ' ');
  axis += middle;
  axis.resize(std::max(axis.size() + 1, columns - std::min(columns, end.size())), ' ');
  return axis + end;
}

std::string legend_of(const Lanes& lanes) {
  std::map<std::string, Tone> states;
  for (const Lane& lane : lanes.lanes) {
    for (const LaneSpan& span : lane.spans) states.emplace(span.state, span.tone);
  }
  std::string legend;
  for (const auto& [state, tone] : states) {
    legend += fmt::format("{}{} {}", legend.empty() ? "" : "   ", sign_of(tone), state);
  }
  return legend;
}

}  // namespace

std::string lanes_text(const Lanes& lanes, std::size_t columns) {
  std::size_t widest = 0;
  for (const Lane& lane : lanes.lanes) widest = std::max(widest, label_of(lane).size());
  std::string text;
  for (const Lane& lane : lanes.lanes) {
    text += fmt::format("{:<{}}  {}  {}", label_of(lane), widest,
                        strip_of(lane, lanes.end_s, columns), lane.figure);
    while (text.back() == ' ') text.pop_back();
    text += '\n';
  }
  text += fmt::format("{:<{}}  {}\n", "", widest, axis_of(lanes.end_s, columns));
  return text + fmt::format("{:<{}}  {}\n", "", widest, legend_of(lanes));
}

}  // namespace elblab::reports
