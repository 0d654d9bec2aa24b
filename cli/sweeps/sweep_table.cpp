#include "cli/sweeps/sweep_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "analysis/export/csv.hpp"

namespace elblab::cli {
namespace {

template <typename T>
std::optional<T> number_of(std::string_view text) {
  T value{};
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return value;
}

// The shortest text that reads back as the same number, whatever the locale.
std::string text_of(const std::optional<double>& value) {
  return value ? fmt::format("{}", *value) : "";
}

}  // namespace

Expected<SweepTable> SweepTable::make(SweepHeader header) {
  auto grid = Grid::make(header.axes);
  if (!grid) return grid.error();
  return SweepTable(std::move(header), std::move(*grid));
}

Expected<SweepTable> SweepTable::read(std::string_view text) {
  auto header = read_header(text);
  if (!header) return header.error();
  auto table = make(std::move(header->header));
  if (!table) return table.error();
  std::size_t line = header->lines + 1;
  for (std::size_t at = header->end, end; (end = text.find('\n', at)) != std::string_view::npos;
       at = end + 1, ++line) {
    const auto row = table->read_row(text.substr(at, end - at));
    if (!row) return Error{fmt::format("line {}: {}", line, row.error().message)};
    table->add(*row);
  }
  return table;
}

Expected<SweepRow> SweepTable::read_row(std::string_view line) const {
  const auto fields = exports::csv_fields(line);
  const std::size_t axes = header_.axes.size();
  if (!fields || fields->size() != 2 + axes + header_.measures.size()) {
    return Error{fmt::format("not a row of {} fields", 2 + axes + header_.measures.size())};
  }
  const auto cell = number_of<std::size_t>((*fields)[0]);
  const auto seed = number_of<std::uint64_t>((*fields)[1]);
  if (!cell || *cell < 1 || *cell > grid_.size()) {
    return Error{fmt::format("'{}' is no cell of 1 … {}", (*fields)[0], grid_.size())};
  }
  if (!seed ||
      std::find(header_.seeds.begin(), header_.seeds.end(), *seed) == header_.seeds.end()) {
    return Error{fmt::format("'{}' is no seed of this sweep", (*fields)[1])};
  }
  SweepRow row{*cell - 1, *seed, {}};
  const auto settings = grid_.settings(row.cell);
  for (std::size_t i = 0; i < axes; ++i) {
    if ((*fields)[2 + i] != settings[i].value) {
      return Error{fmt::format("cell {} has {}={}, not {}", *cell, settings[i].path,
                               settings[i].value, (*fields)[2 + i])};
    }
  }
  for (std::size_t i = 2 + axes; i < fields->size(); ++i) {
    const std::string& field = (*fields)[i];
    const auto value = number_of<double>(field);
    if (!field.empty() && !value) return Error{fmt::format("'{}' is no number", field)};
    row.values.push_back(value);
  }
  return row;
}

void SweepTable::add(const SweepRow& row) { rows_.try_emplace({row.cell, row.seed}, row.values); }

std::optional<double> SweepTable::mean(std::size_t cell, std::size_t measure) const {
  double sum = 0;
  std::size_t count = 0;
  for (const std::uint64_t seed : header_.seeds) {
    const auto row = rows_.find({cell, seed});
    if (row == rows_.end()) continue;
    if (!row->second[measure]) return std::nullopt;
    sum += *row->second[measure];
    ++count;
  }
  if (count == 0) return std::nullopt;
  return sum / static_cast<double>(count);
}

bool SweepTable::was_run(std::size_t cell) const {
  return std::any_of(header_.seeds.begin(), header_.seeds.end(),
                     [&](std::uint64_t seed) { return has(cell, seed); });
}

std::string SweepTable::line_of(const SweepRow& row) const {
  std::vector<std::string> fields{std::to_string(row.cell + 1), std::to_string(row.seed)};
  for (const auto& setting : grid_.settings(row.cell)) fields.push_back(setting.value);
  for (const auto& value : row.values) fields.push_back(text_of(value));
  return exports::csv_line(fields);
}

std::string SweepTable::text() const {
  std::string text = header_text(header_);
  for (std::size_t cell = 0; cell < grid_.size(); ++cell) {
    for (const std::uint64_t seed : header_.seeds) {
      const auto row = rows_.find({cell, seed});
      if (row != rows_.end()) text += line_of({cell, seed, row->second});
    }
  }
  return text;
}

std::size_t SweepTable::whole_lines(std::string_view text) {
  const std::size_t last = text.rfind('\n');
  return last == std::string_view::npos ? 0 : last + 1;
}

}  // namespace elblab::cli
