#include "analysis/reports/heat_map_html.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/expectations/text.hpp"
#include "analysis/reports/svg_chart.hpp"

namespace elblab::reports {
namespace {

constexpr std::size_t kLevels = 9;

std::string head_of(const HeatMap& map) {
  std::string text = fmt::format(
      "<thead><tr><td class=\"none\"></td><th class=\"across\" colspan=\"{}\">{}</th></tr>\n"
      "<tr><th>{}</th>",
      map.across.values.size(), markup_escaped(map.across.name), markup_escaped(map.down.name));
  for (const std::string& value : map.across.values) {
    text += fmt::format("<th scope=\"col\">{}</th>", markup_escaped(value));
  }
  return text + "</tr></thead>\n";
}

std::string class_of(const HeatMap& map, const HeatMap::Cell& cell) {
  if (!cell.was_run) return "unrun";
  return cell.value ? fmt::format("k{}", heat_level(map, *cell.value, kLevels)) : "none";
}

std::string row_of(const HeatMap& map, std::size_t row) {
  std::string text =
      fmt::format("<tr><th scope=\"row\">{}</th>", markup_escaped(map.down.values[row]));
  for (std::size_t column = 0; column < map.across.values.size(); ++column) {
    const HeatMap::Cell& cell = map.at(row, column);
    text += fmt::format("<td class=\"{}\">{}</td>", class_of(map, cell), text_of(cell));
  }
  return text + "</tr>\n";
}

std::string scale_of(const HeatMap& map) {
  const auto end = [&](double value) {
    return markup_escaped(expectations::with_unit(expectations::number_text(value), map.unit));
  };
  std::string text = fmt::format("<div class=\"scale\">{} <span>", end(map.low));
  for (std::size_t level = 0; level < kLevels; ++level) {
    text += fmt::format("<i class=\"k{}\"></i>", level);
  }
  text += fmt::format("</span> {}", end(map.high));
  const auto any = [&](auto condition) {
    return std::any_of(map.cells.begin(), map.cells.end(), condition);
  };
  if (any([](const HeatMap::Cell& cell) { return cell.was_run && !cell.value; })) {
    text += " <span>–: nothing to measure</span>";
  }
  if (any([](const HeatMap::Cell& cell) { return !cell.was_run; })) {
    text += " <span>·: not run</span>";
  }
  return text + "</div>\n";
}

}  // namespace

std::string html_of(const HeatMap& map) {
  std::string text = fmt::format(
      "<figure class=\"heat\"><figcaption>{}</figcaption>\n<div class=\"scroll\"><table>\n{}<tbody>"
      "\n",
      markup_escaped(map.title), head_of(map));
  for (std::size_t row = 0; row < map.down.values.size(); ++row) text += row_of(map, row);
  text += "</tbody></table></div>\n" + scale_of(map) + "</figure>\n";
  if (!map.remark.empty()) {
    text += fmt::format("<p class=\"remark\">{}</p>\n", markup_escaped(map.remark));
  }
  return text;
}

}  // namespace elblab::reports
