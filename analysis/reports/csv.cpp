#include "analysis/export/csv.hpp"

#include <fmt/format.h>

#include <array>

#include "analysis/reports/writers.hpp"

namespace elblab::reports {
namespace {

using trace::QueryCell;

void add_rows(const Section& section, const Table& table, std::string& text) {
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    for (std::size_t column = 0; column < table.rows[row].size(); ++column) {
      const Cell& cell = table.rows[row][column];
      const std::array<QueryCell, 6> line{
          section.name, table.name, static_cast<std::int64_t>(row + 1), table.columns[column].name,
          cell.value,   cell.text};
      text += exports::csv_line(line);
    }
  }
}

// Rows and columns are called by their settings.
void add_rows(const Section& section, const HeatMap& map, std::string& text) {
  for (std::size_t row = 0; row < map.down.values.size(); ++row) {
    for (std::size_t column = 0; column < map.across.values.size(); ++column) {
      const HeatMap::Cell& cell = map.at(row, column);
      const std::array<QueryCell, 6> line{
          section.name,
          map.title,
          fmt::format("{}={}", map.down.name, map.down.values[row]),
          fmt::format("{}={}", map.across.name, map.across.values[column]),
          cell.value ? QueryCell(*cell.value) : QueryCell(),
          text_of(cell)};
      text += exports::csv_line(line);
    }
  }
}

}  // namespace

std::string csv_of(const Document& document) {
  const std::array<std::string, 6> names{"section", "table", "row", "column", "value", "text"};
  std::string text = exports::csv_line(names);
  for (const Section& section : document.sections) {
    for (const Block& block : section.blocks) {
      if (const auto* table = std::get_if<Table>(&block)) add_rows(section, *table, text);
      if (const auto* map = std::get_if<HeatMap>(&block)) add_rows(section, *map, text);
    }
  }
  return text;
}

}  // namespace elblab::reports
