#include "cli/printing/row_printer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "analysis/export/csv.hpp"
#include "cli/text/one_line.hpp"

namespace elblab::cli {
namespace {

using trace::QueryCell;

constexpr std::size_t kRowsMeasured = 1'000;
constexpr std::size_t kWidestOnTerminal = 60;

bool is_number(const QueryCell& cell) {
  return std::holds_alternative<std::int64_t>(cell) || std::holds_alternative<double>(cell);
}

// Sums of binary fractions show their last digits (0.30000000000000004) only to programs.
std::string table_text(const QueryCell& cell) {
  if (const auto* real = std::get_if<double>(&cell)) return fmt::format("{:.10g}", *real);
  return one_line(trace::to_text(cell));
}

class TablePrinter final : public RowPrinter {
 public:
  explicit TablePrinter(Terminal& out) : out_(out) {}

  void begin(std::span<const std::string> columns) override {
    for (const auto& column : columns) names_.push_back(one_line(column));
    right_.assign(columns.size(), true);
  }

  void row(std::span<const QueryCell> cells) override {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (!measured_) right_[i] = right_[i] && (is_number(cells[i]) || trace::is_null(cells[i]));
      texts.push_back(table_text(cells[i]));
    }
    if (measured_) return write(texts, Style::plain);
    first_.push_back(std::move(texts));
    if (first_.size() == kRowsMeasured) measure();
  }

  void end() override {
    if (!measured_) measure();
  }

 private:
  void measure() {
    measured_ = true;
    widths_.assign(names_.size(), 0);
    const std::size_t widest = out_.is_interactive() ? kWidestOnTerminal : SIZE_MAX;
    const auto widen = [&](const std::vector<std::string>& texts) {
      for (std::size_t i = 0; i < texts.size(); ++i) {
        widths_[i] = std::max(widths_[i], std::min(columns_of(texts[i]), widest));
      }
    };
    widen(names_);
    for (const auto& texts : first_) widen(texts);
    write(names_, Style::bold);
    for (const auto& texts : first_) write(texts, Style::plain);
    first_.clear();
  }

  void write(const std::vector<std::string>& texts, Style style) {
    std::string line;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const bool too_long = out_.is_interactive() && columns_of(texts[i]) > widths_[i];
      const std::string text = too_long ? fitted(texts[i], widths_[i]) : texts[i];
      const std::size_t used = columns_of(text);
      const std::string blanks(used < widths_[i] ? widths_[i] - used : 0, ' ');
      line += (i > 0 ? "  " : "") + (right_[i] ? blanks + text : text + blanks);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out_.write(out_.styled(line, style) + "\n");
  }

  Terminal& out_;
  std::vector<std::string> names_;
  std::vector<std::vector<std::string>> first_;
  std::vector<std::size_t> widths_;
  std::vector<bool> right_;  // a column of numbers
  bool measured_ = false;
};

class CsvPrinter final : public RowPrinter {
 public:
  explicit CsvPrinter(Terminal& out) : out_(out) {}
  void begin(std::span<const std::string> columns) override {
    out_.write(exports::csv_line(columns));
  }
  void row(std::span<const QueryCell> cells) override { out_.write(exports::csv_line(cells)); }
  void end() override {}

 private:
  Terminal& out_;
};

nlohmann::ordered_json json_of(const QueryCell& cell) {
  if (const auto* integer = std::get_if<std::int64_t>(&cell)) return *integer;
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  const auto* real = std::get_if<double>(&cell);
  // JSON has no infinity.
  if (real != nullptr && std::isfinite(*real)) return *real;
  return nullptr;
}

// A list with an object per row, one per line; of columns with the same name the last stands.
class JsonPrinter final : public RowPrinter {
 public:
  explicit JsonPrinter(Terminal& out) : out_(out) {}

  void begin(std::span<const std::string> columns) override {
    names_.assign(columns.begin(), columns.end());
    out_.write("[");
  }

  void row(std::span<const QueryCell> cells) override {
    auto object = nlohmann::ordered_json::object();
    for (std::size_t i = 0; i < cells.size(); ++i) object[names_[i]] = json_of(cells[i]);
    out_.write(is_first_ ? "\n" : ",\n");
    is_first_ = false;
    out_.write(object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }

  void end() override { out_.write(is_first_ ? "]\n" : "\n]\n"); }

 private:
  Terminal& out_;
  std::vector<std::string> names_;
  bool is_first_ = true;
};

}  // namespace

std::optional<RowFormat> parse_row_format(std::string_view name) {
  if (name == "table") return RowFormat::table;
  if (name == "csv") return RowFormat::csv;
  if (name == "json") return RowFormat::json;
  return std::nullopt;
}

std::unique_ptr<RowPrinter> make_row_printer(RowFormat format, Terminal& out) {
  switch (format) {
    case RowFormat::csv:
      return std::make_unique<CsvPrinter>(out);
    case RowFormat::json:
      return std::make_unique<JsonPrinter>(out);
    case RowFormat::table:
      break;
  }
  return std::make_unique<TablePrinter>(out);
}

}  // namespace elblab::cli
