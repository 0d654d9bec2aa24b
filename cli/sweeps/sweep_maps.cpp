#include "cli/sweeps/sweep_maps.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/expectations/text.hpp"
#include "analysis/reports/cells.hpp"

namespace elblab::cli {
namespace {

using reports::HeatMap;

struct Scale {
  double low = 0;
  double high = 0;
};

Scale scale_of(const SweepTable& table, std::size_t measure) {
  std::optional<Scale> scale;
  for (std::size_t cell = 0; cell < table.grid().size(); ++cell) {
    const auto value = table.mean(cell, measure);
    if (!value) continue;
    if (!scale) scale = Scale{*value, *value};
    scale->low = std::min(scale->low, *value);
    scale->high = std::max(scale->high, *value);
  }
  return scale.value_or(Scale{});
}

std::string name_with_unit(const SweepHeader::Column& measure) {
  return measure.unit.empty() ? measure.name : fmt::format("{} [{}]", measure.name, measure.unit);
}

// "mean of 3 seeds, where each has the figure"
std::string seeds_text(const SweepTable& table) {
  const std::size_t seeds = table.header().seeds.size();
  return seeds == 1 ? "" : fmt::format("mean of {} seeds, where each has the figure", seeds);
}

// Over the first two axes, at one position of the others.
HeatMap map_at(const SweepTable& table, std::size_t measure, const Scale& scale,
               std::vector<std::size_t> position) {
  const Grid& grid = table.grid();
  const auto& header = table.header();
  HeatMap map;
  map.name = header.measures[measure].name;
  map.unit = header.measures[measure].unit;
  map.title = name_with_unit(header.measures[measure]);
  for (std::size_t i = 2; i < position.size(); ++i) {
    map.title += fmt::format("  {}={}", grid.short_names()[i], grid.axes()[i].values[position[i]]);
  }
  map.down = {grid.short_names()[0], grid.axes()[0].values};
  map.across = {grid.short_names()[1], grid.axes()[1].values};
  map.low = scale.low;
  map.high = scale.high;
  map.remark = seeds_text(table);
  for (position[0] = 0; position[0] < map.down.values.size(); ++position[0]) {
    for (position[1] = 0; position[1] < map.across.values.size(); ++position[1]) {
      const std::size_t cell = grid.cell_at(position);
      map.cells.push_back({table.was_run(cell), table.mean(cell, measure)});
    }
  }
  return map;
}

// Every position of the axes behind the second; the first two are 0.
std::vector<std::vector<std::size_t>> positions(const Grid& grid) {
  const std::size_t of_one_map = grid.axes()[0].values.size() * grid.axes()[1].values.size();
  const std::size_t maps = grid.size() / of_one_map;
  std::vector<std::vector<std::size_t>> all;
  for (std::size_t cell = 0; cell < maps; ++cell) all.push_back(grid.position(cell));
  return all;
}

reports::Cell cell_of(const SweepTable& table, std::size_t cell, std::size_t measure) {
  if (!table.was_run(cell)) return reports::text_cell("·", reports::Tone::dim);
  return reports::number_cell(table.mean(cell, measure));
}

reports::Table table_over_one(const SweepTable& table) {
  reports::Table rows;
  rows.name = "cells";
  const std::string& name = table.grid().short_names().front();
  rows.columns.push_back({name, name, true});
  for (const auto& measure : table.header().measures) {
    rows.columns.push_back({measure.name, name_with_unit(measure), true});
  }
  const Axis& axis = table.grid().axes().front();
  for (std::size_t cell = 0; cell < axis.values.size(); ++cell) {
    std::vector<reports::Cell> row{reports::text_cell(axis.values[cell])};
    for (std::size_t i = 0; i < table.header().measures.size(); ++i) {
      row.push_back(cell_of(table, cell, i));
    }
    rows.rows.push_back(std::move(row));
  }
  rows.remark = seeds_text(table);
  return rows;
}

// What the maps are of, in words.
std::vector<reports::Block> description(const SweepTable& table) {
  const SweepHeader& header = table.header();
  std::vector<reports::Block> blocks;
  const auto add = [&](std::string label, std::string text) {
    blocks.push_back(reports::Paragraph{std::move(text), reports::Tone::plain, std::move(label)});
  };
  add("scenario", fmt::format("{}: {}", header.scenario, header.title));
  add("run", header.run);
  for (const Axis& axis : header.axes) {
    add("over", fmt::format("{} = {}", axis.path, fmt::join(axis.values, " ")));
  }
  for (const std::string& setting : header.settings) add("set", setting);
  add("runs", fmt::format("{} of {}", table.size(), table.grid().size() * header.seeds.size()));
  add("program", header.program);
  return blocks;
}

}  // namespace

std::string title_of(const SweepTable& table) {
  const SweepHeader& header = table.header();
  const std::size_t seeds = header.seeds.size();
  return fmt::format("{} {}: {} {} × {} {}", header.scenario, header.run, table.grid().size(),
                     table.grid().size() == 1 ? "cell" : "cells", seeds,
                     seeds == 1 ? "seed" : "seeds");
}

std::vector<reports::Block> map_blocks(const SweepTable& table) {
  if (table.header().axes.size() == 1) return {table_over_one(table)};
  std::vector<reports::Block> blocks;
  for (std::size_t measure = 0; measure < table.header().measures.size(); ++measure) {
    const Scale scale = scale_of(table, measure);
    for (const auto& position : positions(table.grid())) {
      blocks.push_back(map_at(table, measure, scale, position));
    }
  }
  return blocks;
}

reports::Document sweep_document(const std::vector<SweepTable>& tables) {
  reports::Document document;
  std::size_t made = 0;
  std::size_t wanted = 0;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const SweepTable& table = tables[i];
    document.title += (i > 0 ? ", " : "Sweep of ") + title_of(table);
    made += table.size();
    wanted += table.grid().size() * table.header().seeds.size();
    const std::string number = tables.size() > 1 ? fmt::format("_{}", i + 1) : "";
    document.sections.push_back({"sweep" + number, "What was run", description(table)});
    document.sections.push_back({"maps" + number, title_of(table), map_blocks(table)});
  }
  document.badge =
      made == wanted ? fmt::format("{} runs", made) : fmt::format("{} of {} runs", made, wanted);
  document.tone = made == wanted ? reports::Tone::plain : reports::Tone::warning;
  return document;
}

}  // namespace elblab::cli
