#include <fmt/format.h>

#include <algorithm>

#include "analysis/reports/heat_map_html.hpp"
#include "analysis/reports/html_style.hpp"
#include "analysis/reports/svg_chart.hpp"
#include "analysis/reports/svg_lanes.hpp"
#include "analysis/reports/writers.hpp"

namespace elblab::reports {
namespace {

std::string_view css_of(Tone tone) {
  switch (tone) {
    case Tone::good:
      return "good";
    case Tone::bad:
      return "bad";
    case Tone::warning:
      return "warning";
    case Tone::dim:
      return "dim";
    case Tone::plain:
      break;
  }
  return "plain";
}

// The text, behind a bar where it is a share; the texts of a column begin below each other.
std::string content_of(const Cell& cell) {
  if (!cell.bar) return markup_escaped(cell.text);
  const auto percent = [](double share) { return 100 * std::clamp(share, 0.0, 1.0); };
  std::string bar =
      fmt::format("<span class=\"share\"><i style=\"width:{:.1f}%\"></i>", percent(*cell.bar));
  if (cell.mark) bar += fmt::format("<b style=\"left:{:.1f}%\"></b>", percent(*cell.mark));
  return bar + "</span><span>" + markup_escaped(cell.text) + "</span>";
}

class HtmlWriter {
 public:
  void operator()(const Paragraph& paragraph) {
    end_charts();
    const std::string label =
        paragraph.label.empty()
            ? ""
            : fmt::format("<span class=\"dim\">{}</span> ", markup_escaped(paragraph.label));
    text_ += fmt::format("<p class=\"{}\">{}{}</p>\n", css_of(paragraph.tone), label,
                         markup_escaped(paragraph.text));
  }

  void operator()(const Table& table) {
    end_charts();
    text_ += "<div class=\"scroll\"><table>\n<thead><tr>";
    for (const Column& column : table.columns) {
      text_ += fmt::format("<th{}>{}</th>", column.is_number ? " class=\"n\"" : "",
                           markup_escaped(column.title));
    }
    text_ += "</tr></thead>\n<tbody>\n";
    for (const auto& row : table.rows) write_row(table, row);
    text_ += "</tbody></table></div>\n";
    if (!table.remark.empty()) {
      text_ += fmt::format("<p class=\"remark\">{}</p>\n", markup_escaped(table.remark));
    }
  }

  void operator()(const Finding& finding) {
    end_charts();
    text_ += fmt::format("<div class=\"finding {}\"><h3>{}", css_of(finding.tone),
                         markup_escaped(finding.title));
    if (!finding.badge.empty()) {
      text_ += fmt::format(" <span class=\"badge\">{}</span>", markup_escaped(badge_of(finding)));
    }
    text_ += "</h3>\n<dl>\n";
    std::string last_label;
    for (const auto& point : finding.points) {
      text_ += fmt::format("<dt>{}</dt><dd>{}{}</dd>\n",
                           point.label == last_label ? "" : markup_escaped(point.label),
                           markup_escaped(point.text), details_of(point));
      last_label = point.label;
    }
    text_ += "</dl></div>\n";
  }

  void operator()(const Remainder& rest) {
    end_charts();
    text_ +=
        fmt::format("<div class=\"finding dim\"><h3>{}</h3>\n<dl>\n", markup_escaped(rest.title));
    for (const auto& entry : rest.entries) {
      text_ += fmt::format("<dt>{}</dt><dd>{}</dd>\n", markup_escaped(entry.title),
                           markup_escaped(entry.because));
    }
    text_ += "</dl></div>\n";
  }

  void operator()(const Lanes& lanes) {
    end_charts();
    text_ += fmt::format("<figure class=\"lanes\"><figcaption>{}</figcaption>\n{}</figure>\n",
                         markup_escaped(lanes.title), svg_of(lanes));
    if (!lanes.remark.empty()) {
      text_ += fmt::format("<p class=\"remark\">{}</p>\n", markup_escaped(lanes.remark));
    }
  }

  void operator()(const HeatMap& map) {
    end_charts();
    text_ += html_of(map);
  }

  void operator()(const Chart& chart) {
    if (!in_charts_) text_ += "<div class=\"charts\">\n";
    in_charts_ = true;
    text_ += fmt::format("<figure><figcaption>{}</figcaption>\n{}</figure>\n",
                         markup_escaped(chart.title), svg_of(chart));
  }

  void begin(const Section& section) {
    text_ += fmt::format("<section id=\"{}\"><h2>{}</h2>\n", markup_escaped(section.name),
                         markup_escaped(section.title));
  }
  void end() {
    end_charts();
    text_ += "</section>\n";
  }
  std::string& text() { return text_; }

 private:
  static std::string details_of(const Finding::Point& point) {
    std::string text;
    if (!point.connections.empty()) {
      text += fmt::format(" <span class=\"dim\">connections {}</span>",
                          fmt::join(point.connections, ", "));
    }
    if (!point.query.empty()) text += "<code>" + markup_escaped(point.query) + "</code>";
    return text;
  }

  void write_row(const Table& table, const std::vector<Cell>& row) {
    text_ += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) {
      text_ += fmt::format("<td class=\"{}{}\">{}</td>", table.columns[i].is_number ? "n " : "",
                           css_of(row[i].tone), content_of(row[i]));
    }
    text_ += "</tr>\n";
  }

  void end_charts() {
    if (in_charts_) text_ += "</div>\n";
    in_charts_ = false;
  }

  std::string text_;
  bool in_charts_ = false;
};

}  // namespace

std::string html_of(const Document& document) {
  HtmlWriter writer;
  writer.text() = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{0}</title>\n<style>{1}</style>\n</head>\n<body>\n<header><h1>{0}</h1>\n"
      "<span class=\"badge {2}\">{3}</span>\n<nav>",
      markup_escaped(document.title), kStyle, css_of(document.tone),
      markup_escaped(document.badge));
  for (const Section& section : document.sections) {
    writer.text() += fmt::format("<a href=\"#{}\">{}</a>", markup_escaped(section.name),
                                 markup_escaped(section.title));
  }
  writer.text() += "</nav></header>\n";
  for (const Section& section : document.sections) {
    writer.begin(section);
    for (const Block& block : section.blocks) std::visit(writer, block);
    writer.end();
  }
  return writer.text() +
         fmt::format("<footer>{}</footer>\n</body>\n</html>\n", markup_escaped(document.footer));
}

}  // namespace elblab::reports
