#include <fmt/format.h>

#include "analysis/export/safe_text.hpp"
#include "analysis/reports/lanes_text.hpp"
#include "analysis/reports/writers.hpp"

namespace elblab::reports {
namespace {

// What would end a cell or begin markup; names come from files.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : exports::safe_line(text)) {
    if (std::string_view("\\`*_[]<>|#").find(c) != std::string_view::npos) result += '\\';
    result += c;
  }
  return result;
}

// Behind more backticks than stand in it one after the other (CommonMark 0.31, 6.1).
std::string as_code(std::string_view text) {
  const std::string line = exports::safe_line(text);
  std::string fence = "`";
  while (line.find(fence) != std::string::npos) fence += '`';
  const std::string_view gap = fence.size() > 1 ? " " : "";
  return fmt::format("{0}{1}{2}{1}{0}", fence, gap, line);
}

class MarkdownWriter {
 public:
  void operator()(const Paragraph& paragraph) {
    if (!paragraph.label.empty()) text_ += "**" + escaped(paragraph.label) + "** ";
    text_ += escaped(paragraph.text) + "\n\n";
  }

  void operator()(const Table& table) {
    std::string rule;
    for (const Column& column : table.columns) {
      text_ += "| " + escaped(column.title) + " ";
      rule += column.is_number ? "|---:" : "|---";
    }
    text_ += "|\n" + rule + "|\n";
    for (const auto& row : table.rows) {
      for (const Cell& cell : row) {
        const bool stands_out = cell.tone == Tone::bad;
        text_ += fmt::format("| {0}{1}{0} ", stands_out ? "**" : "", escaped(cell.text));
      }
      text_ += "|\n";
    }
    text_ += "\n";
    if (!table.remark.empty()) text_ += escaped(table.remark) + "\n\n";
  }

  void operator()(const Finding& finding) {
    text_ += "### " + escaped(finding.title) +
             (finding.badge.empty() ? "" : " (" + escaped(badge_of(finding)) + ")") + "\n\n";
    for (const auto& point : finding.points) {
      text_ += fmt::format("- **{}** {}\n", escaped(point.label), escaped(point.text));
      if (!point.query.empty()) text_ += fmt::format("  {}\n", as_code(point.query));
    }
    text_ += "\n";
  }

  void operator()(const Remainder& rest) {
    for (const auto& entry : rest.entries) {
      text_ += fmt::format("- {}: {} ({})\n", escaped(rest.title), escaped(entry.title),
                           escaped(entry.because));
    }
    text_ += "\n";
  }

  void operator()(const Chart&) {}  // the page has them

  void operator()(const HeatMap& map) {
    text_ += "### " + escaped(map.title) + "\n\n";
    text_ += fmt::format("| {} \\\\ {} ", escaped(map.down.name), escaped(map.across.name));
    std::string rule = "|---";
    for (const std::string& value : map.across.values) {
      text_ += "| " + escaped(value) + " ";
      rule += "|---:";
    }
    text_ += "|\n" + rule + "|\n";
    for (std::size_t row = 0; row < map.down.values.size(); ++row) {
      text_ += "| " + escaped(map.down.values[row]) + " ";
      for (std::size_t column = 0; column < map.across.values.size(); ++column) {
        text_ += "| " + escaped(text_of(map.at(row, column))) + " ";
      }
      text_ += "|\n";
    }
    text_ += "\n";
    if (!map.remark.empty()) text_ += escaped(map.remark) + "\n\n";
  }

  void operator()(const Lanes& lanes) {
    constexpr std::size_t kColumns = 60;
    text_ += "```\n" + lanes_text(lanes, kColumns) + "```\n\n";
    if (!lanes.remark.empty()) text_ += escaped(lanes.remark) + "\n\n";
  }

  std::string text_;
};

bool has_text(const Section& section) {
  for (const Block& block : section.blocks) {
    if (!std::holds_alternative<Chart>(block)) return true;
  }
  return false;
}

}  // namespace

std::string markdown_of(const Document& document) {
  MarkdownWriter writer;
  writer.text_ = "# " + escaped(document.title) + "\n\n";
  if (!document.badge.empty()) writer.text_ += "**" + escaped(document.badge) + "**\n\n";
  for (const Section& section : document.sections) {
    if (!has_text(section)) continue;
    writer.text_ += "## " + escaped(section.title) + "\n\n";
    for (const Block& block : section.blocks) std::visit(writer, block);
  }
  return document.footer.empty() ? writer.text_ : writer.text_ + escaped(document.footer) + "\n";
}

}  // namespace elblab::reports
