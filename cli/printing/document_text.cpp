#include "cli/printing/document_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/reports/lanes_text.hpp"
#include "cli/printing/heat_map_text.hpp"
#include "cli/text/curve.hpp"
#include "cli/text/paragraph.hpp"
#include "cli/text/text_table.hpp"

namespace elblab::cli {
namespace {

using reports::Chart;
using reports::Paragraph;
using reports::Remainder;
using reports::SmallCurve;
using reports::Table;
using reports::Tone;

constexpr std::size_t kLeastWidth = 60;
constexpr std::size_t kRowLabelColumns = 15;
constexpr std::size_t kCurveColumns = 40;

std::size_t width_of(const Terminal& terminal) {
  return std::max<std::size_t>(terminal.width(), kLeastWidth);
}

Style style_of(Tone tone) {
  switch (tone) {
    case Tone::good:
      return Style::good;
    case Tone::bad:
      return Style::bad;
    case Tone::warning:
    case Tone::dim:
      return Style::dim;
    case Tone::plain:
      break;
  }
  return Style::plain;
}

std::string joined(const std::vector<std::string>& parts) {
  return fmt::format("{}", fmt::join(parts, " · "));
}

std::vector<std::string> texts_of(const reports::Finding& finding, std::string_view label) {
  std::vector<std::string> texts;
  for (const auto& point : finding.points) {
    if (point.label == label) texts.push_back(point.text);
  }
  return texts;
}

class TextWriter {
 public:
  TextWriter(const std::string& trace_name, const Terminal& terminal)
      : trace_name_(trace_name), terminal_(terminal), width_(width_of(terminal)) {}

  void operator()(const Paragraph& paragraph_) {
    const std::string label = paragraph_.label == last_label_ ? "" : paragraph_.label;
    last_label_ = paragraph_.label;
    text_ += paragraph(padded(label, kRowLabelColumns),
                       terminal_.styled(paragraph_.text, style_of(paragraph_.tone)), width_);
  }

  void operator()(const Table& table) {
    std::string alignment;
    for (const auto& column : table.columns) alignment += column.is_number ? 'r' : 'l';
    TextTable rows(0, alignment);
    std::vector<std::string> titles;
    for (const auto& column : table.columns) {
      titles.push_back(terminal_.styled(column.title, Style::dim));
    }
    rows.add(std::move(titles));
    for (const auto& row : table.rows) {
      std::vector<std::string> cells;
      for (const auto& cell : row)
        cells.push_back(terminal_.styled(cell.text, style_of(cell.tone)));
      rows.add(std::move(cells));
    }
    text_ += rows.text() + paragraph("", table.remark, width_);
  }

  void operator()(const reports::Finding& finding) {
    constexpr std::size_t kTitleColumns = 45;
    // A long title and its badge go on from line to line.
    const bool is_long = columns_of(finding.title) + kTitleColumns > width_;
    const std::string title = terminal_.styled(
        is_long ? finding.title : padded(finding.title, kTitleColumns), Style::bold);
    const std::string badge = terminal_.styled(badge_of(finding), style_of(finding.tone));
    text_ += is_long ? paragraph(fmt::format("{}  ", ++rank_), title + "  " + badge, width_)
                     : paragraph(fmt::format("{}  {}  ", ++rank_, title), badge, width_);
    bool first = true;
    for (const auto& point : finding.points) {
      if (point.label != "evidence") continue;
      text_ += paragraph(indented(first ? point.label : ""), point.text, width_);
      for (const SmallCurve& of : point.curves) {
        text_ +=
            fmt::format("{}{}  {} {}\n", indented(""), curve(of.buckets), of.measure, of.figure);
      }
      first = false;
    }
    to_ask(finding);
    labelled("remedies", joined(texts_of(finding, "remedy")));
    labelled("facts", joined(texts_of(finding, "facts")));
  }

  void operator()(const Remainder& rest) {
    std::vector<std::string> parts;
    parts.reserve(rest.entries.size());
    for (const auto& entry : rest.entries) {
      parts.push_back(fmt::format("{} ({})", entry.title, entry.because));
    }
    text_ += paragraph(terminal_.styled(padded(rest.title, kRowLabelColumns), Style::dim),
                       joined(parts), width_);
  }

  void operator()(const Chart&) {}  // the page has them

  void operator()(const reports::Lanes& lanes) {
    constexpr std::size_t kMostColumns = 100;
    constexpr std::size_t kBeside = 34;  // labels and figures
    const std::size_t columns = std::min(kMostColumns, width_ - kBeside);
    text_ += lanes_text(lanes, columns) + paragraph("", lanes.remark, width_);
  }

  void operator()(const reports::HeatMap& map) {
    constexpr std::size_t kColumnsOfAFile = 80;
    text_ += heat_map_text(map, terminal_.is_interactive() ? width_ : kColumnsOfAFile);
  }

  std::string take() { return std::move(text_); }

 private:
  static std::string indented(std::string_view label) {
    return padded(fmt::format("   {}", label), kRowLabelColumns);
  }

  void labelled(std::string_view label, const std::string& text) {
    text_ += paragraph(indented(label), text, width_);
  }

  // A handful of connections, and the first question to the trace.
  void to_ask(const reports::Finding& finding) {
    for (const auto& point : finding.points) {
      if (point.connections.empty()) continue;
      std::vector<std::string> ids;
      for (const auto id : point.connections) ids.push_back(fmt::format("#{}", id));
      labelled(
          "connections",
          fmt::format("{} … (elblab query {} \"SELECT * FROM connections_view WHERE id = {}\")",
                      fmt::join(ids, " "), trace_name_, point.connections.front()));
      break;
    }
    for (const auto& point : finding.points) {
      if (point.query.empty()) continue;
      labelled("ask", fmt::format("elblab query {} \"{}\"", trace_name_, point.query));
      break;
    }
  }

  const std::string& trace_name_;
  const Terminal& terminal_;
  std::size_t width_;
  std::size_t rank_ = 0;
  std::string last_label_;
  std::string text_;
};

// The level that shows a finding best; its counts where it has no level.
std::string best_curve(const reports::Finding& finding) {
  std::string counts;
  for (const auto& point : finding.points) {
    for (const SmallCurve& of : point.curves) {
      std::string line = curve(of.buckets) + "  " + of.measure;
      if (of.is_level) return line;
      if (counts.empty()) counts = std::move(line);
    }
  }
  return counts;
}

class ShortWriter {
 public:
  ShortWriter(std::size_t indent, const Terminal& terminal)
      : terminal_(terminal),
        width_(width_of(terminal)),
        label_(std::string(indent, ' ') + terminal.styled("cause", Style::bold) + "  "),
        below_(indent + 7, ' ') {}

  void operator()(const reports::Finding& finding) {
    constexpr double kAll = 0.95;
    std::string sure = finding.badge;
    if (finding.explains && *finding.explains < kAll) {
      sure += fmt::format(", explains {:.0f} %", 100 * *finding.explains);
    }
    const std::string title = terminal_.styled(finding.title, style_of(finding.tone));
    text_ += paragraph(label_, fmt::format("{} ({})", title, sure), width_);
    if (const std::string line = best_curve(finding); !line.empty()) text_ += below_ + line + "\n";
    const auto evidence = texts_of(finding, "evidence");
    for (std::size_t i = 0; i < evidence.size() && i < 2; ++i) {
      text_ += paragraph(below_, evidence[i], width_);
    }
    text_ += paragraph(below_ + "→ ", joined(texts_of(finding, "remedy")), width_);
  }

  void operator()(const Paragraph& paragraph_) {
    if (paragraph_.label != "verdict" || paragraph_.tone == Tone::good) return;
    text_ += paragraph(text_.empty() ? label_ : below_, paragraph_.text, width_);
  }

  void operator()(const Table&) {}
  void operator()(const Remainder&) {}
  void operator()(const Chart&) {}
  void operator()(const reports::Lanes&) {}
  void operator()(const reports::HeatMap&) {}

  std::string take() { return std::move(text_); }

 private:
  const Terminal& terminal_;
  std::size_t width_;
  std::string label_;
  std::string below_;
  std::string text_;
};

}  // namespace

std::size_t small_curve_columns(const Terminal& terminal) {
  constexpr std::size_t kFigureColumns = 30;
  return std::min(kCurveColumns, width_of(terminal) - kRowLabelColumns - kFigureColumns);
}

std::string document_text(const std::vector<reports::Block>& blocks, const std::string& trace_name,
                          const Terminal& terminal) {
  TextWriter writer(trace_name, terminal);
  for (const auto& block : blocks) std::visit(writer, block);
  return writer.take();
}

std::string short_document_text(const std::vector<reports::Block>& blocks, std::size_t indent,
                                const Terminal& terminal) {
  ShortWriter writer(indent, terminal);
  for (const auto& block : blocks) std::visit(writer, block);
  return writer.take();
}

}  // namespace elblab::cli
