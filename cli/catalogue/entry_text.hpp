// A name and what it stands for, as lines of a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cli/text/terminal.hpp"
#include "scenarios/catalogue/coverage.hpp"

namespace elblab::cli {

// Columns for names, so that lists below each other line up.
inline constexpr std::size_t kNameColumns = 8;
inline constexpr std::size_t kLabelColumns = 15;

// As wide as the terminal, but no wider than reads well; at least 60.
std::size_t text_width(const Terminal& terminal);

// "  TW-01    live  One client exhausts its ports …", wrapped under the title.
std::string scenario_entry(const catalogue::KnownScenario& scenario, const Terminal& terminal);
// "  BW-07          A stress test fails …", lined up with scenarios.
std::string row_entry(const catalogue::Row& row, const Terminal& terminal);

// "  shown by       TW-01   One client …": a label before each list of names, once.
class Labelled {
 public:
  explicit Labelled(const Terminal& terminal) : terminal_(terminal) {}

  void add(std::string_view label, std::string_view text);
  void add(std::string_view label, std::string_view name, std::string_view text);
  void add(std::string_view label, const catalogue::KnownScenario& scenario);
  void add(std::string_view label, const catalogue::Row& row);
  const std::string& text() const { return text_; }

 private:
  std::string label_text(std::string_view label);

  const Terminal& terminal_;
  std::string last_label_;
  std::string text_;
};

// "BW-07  A stress test fails …", the name in bold and the sentence wrapped beside it.
std::string heading(std::string_view name, std::string_view text, const Terminal& terminal);
std::string heading(const catalogue::Row& row, const Terminal& terminal);

}  // namespace elblab::cli
