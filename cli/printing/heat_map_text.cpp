#include "cli/printing/heat_map_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analysis/expectations/text.hpp"
#include "cli/text/paragraph.hpp"
#include "cli/text/terminal.hpp"

namespace elblab::cli {
namespace {

using reports::HeatMap;

constexpr std::array<std::string_view, 5> kShades{" ", "░", "▒", "▓", "█"};
constexpr std::size_t kIndent = 2;

std::string_view shade_of(const HeatMap& map, const HeatMap::Cell& cell) {
  if (!cell.was_run) return "·";
  return cell.value ? kShades[reports::heat_level(map, *cell.value, kShades.size())] : "–";
}

std::string right(std::string_view text, std::size_t columns) {
  const std::size_t own = columns_of(text);
  return std::string(columns > own ? columns - own : 0, ' ') + std::string(text);
}

std::string times(std::string_view text, std::size_t n) {
  std::string all;
  for (std::size_t i = 0; i < n; ++i) all += text;
  return all;
}

class MapText {
 public:
  MapText(const HeatMap& map, std::size_t columns) : map_(map) {
    label_ = columns_of(map.down.name);
    for (const auto& value : map.down.values) label_ = std::max(label_, columns_of(value));
    for (const auto& value : map.across.values) figure_ = std::max(figure_, columns_of(value));
    for (const auto& cell : map.cells) figure_ = std::max(figure_, columns_of(text_of(cell)));
    const std::size_t n = map.across.values.size();
    with_figures_ = kIndent + label_ + n * (figure_ + 2) <= columns;
    const std::size_t beside = kIndent + label_ + 2;
    const std::size_t room = columns > beside ? columns - beside : 1;
    shade_ = 2 * n <= room ? 2 : 1;
    part_ = with_figures_ ? n : std::max<std::size_t>(room / shade_, 1);
  }

  std::string text() const {
    std::string text;
    const std::size_t n = map_.across.values.size();
    for (std::size_t from = 0; from < n; from += part_) {
      const std::size_t to = std::min(from + part_, n);
      text += with_figures_ ? figure_heads() : strip_head(from, to);
      for (std::size_t row = 0; row < map_.down.values.size(); ++row) text += line(row, from, to);
    }
    return text;
  }

 private:
  std::string labelled(std::string_view label, std::string_view cells) const {
    std::string line = std::string(kIndent, ' ') + right(label, label_) + std::string(cells);
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
  }

  // The axis across has its name above, and its values where there is room for figures.
  std::string figure_heads() const {
    std::string values;
    for (const auto& value : map_.across.values) values += " " + right(value, figure_ + 1);
    return labelled("", "  " + map_.across.name) + labelled(map_.down.name, values);
  }
  std::string strip_head(std::size_t from, std::size_t to) const {
    const auto& values = map_.across.values;
    return labelled(map_.down.name,
                    fmt::format("  {} {} … {}", map_.across.name, values[from], values[to - 1]));
  }

  std::string line(std::size_t row, std::size_t from, std::size_t to) const {
    std::string cells = with_figures_ ? "" : "  ";
    for (std::size_t column = from; column < to; ++column) {
      const HeatMap::Cell& cell = map_.at(row, column);
      if (!with_figures_) {
        cells += times(shade_of(map_, cell), shade_);
      } else if (cell.value) {
        cells += fmt::format(" {}{}", shade_of(map_, cell), right(text_of(cell), figure_));
      } else {
        cells += "  " + right(text_of(cell), figure_);
      }
    }
    return labelled(map_.down.values[row], cells);
  }

  const HeatMap& map_;
  std::size_t label_ = 0;   // columns of the widest label
  std::size_t figure_ = 1;  // of the widest figure
  std::size_t shade_ = 1;   // of a cell without a figure
  bool with_figures_ = false;
  std::size_t part_ = 1;  // cells in a line
};

std::string legend_of(const HeatMap& map) {
  const auto end = [&](double value) {
    return expectations::with_unit(expectations::number_text(value), map.unit);
  };
  std::string text;
  const bool any_value = std::any_of(map.cells.begin(), map.cells.end(),
                                     [](const auto& cell) { return cell.value.has_value(); });
  if (any_value && map.low == map.high) text = "all " + end(map.low);
  if (any_value && map.low < map.high) {
    text = fmt::format("{} ' ░▒▓█' {}", end(map.low), end(map.high));
  }
  const auto add = [&](const char* words, auto condition) {
    if (std::none_of(map.cells.begin(), map.cells.end(), condition)) return;
    text += (text.empty() ? "" : "; ") + std::string(words);
  };
  add("–: nothing to measure", [](const HeatMap::Cell& c) { return c.was_run && !c.value; });
  add("·: not run", [](const HeatMap::Cell& c) { return !c.was_run; });
  return text;
}

}  // namespace

std::string heat_map_text(const HeatMap& map, std::size_t columns) {
  const std::string indent(kIndent, ' ');
  return map.title + "\n" + MapText(map, columns).text() +
         paragraph(indent, legend_of(map), columns) + paragraph(indent, map.remark, columns);
}

}  // namespace elblab::cli
