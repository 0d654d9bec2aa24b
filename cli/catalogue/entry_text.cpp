#include "cli/catalogue/entry_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/text/one_line.hpp"
#include "cli/text/paragraph.hpp"

namespace elblab::cli {
namespace {

constexpr std::size_t kLeastColumns = 60;
constexpr std::size_t kMostColumns = 110;

std::string entry(std::string_view name, std::string_view mark, std::string_view text,
                  const Terminal& terminal) {
  const std::string label =
      fmt::format("  {}  {}  ", padded(name, kNameColumns), terminal.styled(mark, Style::dim));
  return paragraph(label, text, text_width(terminal));
}

}  // namespace

std::size_t text_width(const Terminal& terminal) {
  return std::clamp(terminal.width(), kLeastColumns, kMostColumns);
}

std::string scenario_entry(const catalogue::KnownScenario& scenario, const Terminal& terminal) {
  return entry(one_line(scenario.id), scenario.runs_live ? "live" : "    ",
               one_line(scenario.title), terminal);
}

std::string row_entry(const catalogue::Row& row, const Terminal& terminal) {
  return entry(row.id, "    ", row.says, terminal);
}

void Labelled::add(std::string_view label, std::string_view text) {
  text_ += paragraph(label_text(label), text, text_width(terminal_));
}

void Labelled::add(std::string_view label, std::string_view name, std::string_view text) {
  const std::string before = label_text(label) + padded(name, kNameColumns) + "  ";
  text_ += paragraph(before, text, text_width(terminal_));
}

void Labelled::add(std::string_view label, const catalogue::KnownScenario& scenario) {
  add(label, one_line(scenario.id), one_line(scenario.title));
}

void Labelled::add(std::string_view label, const catalogue::Row& row) {
  add(label, row.id, row.says);
}

std::string Labelled::label_text(std::string_view label) {
  const bool is_new = label != last_label_;
  last_label_ = label;
  return fmt::format("  {}", padded(is_new ? label : "", kLabelColumns));
}

std::string heading(std::string_view name, std::string_view text, const Terminal& terminal) {
  return paragraph(terminal.styled(name, Style::bold) + "  ", text, text_width(terminal));
}

std::string heading(const catalogue::Row& row, const Terminal& terminal) {
  return heading(row.id, row.says, terminal);
}

}  // namespace elblab::cli
