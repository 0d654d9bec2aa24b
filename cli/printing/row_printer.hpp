// Rows of an answer as text: an aligned table for a person, CSV or JSON for a program.
//
// Rows come one at a time; a table keeps the first kRowsMeasured of them to find its widths. In a
// table a cell is one line: what would move a terminal's cursor is replaced, and on a terminal long
// texts are cut.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "analysis/trace/query.hpp"
#include "cli/text/terminal.hpp"

namespace elblab::cli {

enum class RowFormat : std::uint8_t { table, csv, json };
// "table", "csv", "json"; nullopt for any other name.
std::optional<RowFormat> parse_row_format(std::string_view name);

class RowPrinter {
 public:
  virtual ~RowPrinter() = default;
  virtual void begin(std::span<const std::string> columns) = 0;
  virtual void row(std::span<const trace::QueryCell> cells) = 0;
  virtual void end() = 0;
};

// `out` must outlive the printer.
std::unique_ptr<RowPrinter> make_row_printer(RowFormat format, Terminal& out);

}  // namespace elblab::cli
