// A report as content, before anyone knows whether it becomes a page, Markdown, JSON or CSV.
//
// A document is sections of blocks: text, tables, findings, charts. Cells keep the value (for
// programs) beside the text (for people). Plain values; how they look is up to the writers: a page,
// Markdown, JSON and CSV in writers.hpp, a terminal's text in cli/printing/document_text.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "analysis/trace/query.hpp"
#include "analysis/trace/reader.hpp"

namespace elblab::reports {

// What a badge or a cell says at a glance.
enum class Tone : std::uint8_t { plain, good, bad, warning, dim };

struct Cell {
  trace::QueryCell value;  // for programs; NULL: nothing was measured
  std::string text;        // for people, with its unit
  Tone tone = Tone::plain;
  // Of a share 0 … 1: drawn as a bar beside the text, with a mark at what was expected.
  std::optional<double> bar;
  std::optional<double> mark;
};

struct Column {
  std::string name;   // "peak": in JSON and CSV
  std::string title;  // "peak"
  bool is_number = false;
};

struct Table {
  std::string name;  // "occupancies"
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;
  std::string remark;  // below it; empty: none
};

struct Paragraph {
  std::string text;
  Tone tone = Tone::plain;
  std::string label = {};  // what it says: "seen", "verdict"; empty: nothing in particular
};

// A curve small enough to stand in a line of text.
struct SmallCurve {
  std::string measure;  // "time_wait(c1)"
  std::vector<trace::Bucket> buckets;
  bool is_level = false;  // else counts
  std::string figure;     // "peak 28,232", "total 140,840"
};

// One thing that was found: a title with a badge, and what supports it.
struct Finding {
  struct Point {
    std::string label;  // "evidence", "remedy"; those of one label follow each other
    std::string text;
    std::string query;                       // SQL that shows it; empty: none
    std::vector<std::uint64_t> connections;  // ids
    std::optional<double> from_s, to_s;
    std::vector<SmallCurve> curves;
  };
  std::string name;  // "client_ports"; empty: none
  std::string title;
  std::string badge;
  Tone tone = Tone::plain;
  std::vector<Point> points;
  std::optional<double> explains;  // share of `complaint`, 0 … 1
  std::string complaint;           // "what went wrong", "the unevenness"
};

// What stands beside its title: "certain, explains 76 % of what went wrong".
std::string badge_of(const Finding& finding);

// What was looked at and left aside, each with why.
struct Remainder {
  struct Entry {
    std::string name;  // "client_ports"
    std::string title;
    std::string because;
  };
  std::string name;   // "ruled_out"
  std::string title;  // "ruled out"
  std::vector<Entry> entries;
};

struct CurvePoint {
  double at_s = 0;
  double value = 0;
  // Of a curve at lower resolution: what lies behind the point. Equal to value otherwise.
  double low = 0;
  double high = 0;
};

struct Curve {
  std::string label;
  std::size_t colour = 0;  // an index: curves of one run, or of one thing, have the same
  bool is_bound = false;   // a capacity: drawn dashed
  std::vector<CurvePoint> points;
};

// What an expectation allows, from … to over time and value.
struct Band {
  std::string label;  // "expected mean"
  double from_s = 0;
  double to_s = 0;
  std::optional<double> low;
  std::optional<double> high;
};

struct Chart {
  std::string name;   // "time_wait(c1)"
  std::string title;  // for people
  std::string unit;
  std::vector<Curve> curves;
  std::vector<Band> bands;
  double end_s = 0;  // of the time axis
};

// What something was, and until when.
struct LaneSpan {
  double from_s = 0;
  double to_s = 0;
  std::string state;  // "healthy"
  Tone tone = Tone::plain;
};

struct Lane {
  std::string label;     // "app/b1"
  bool is_part = false;  // of the lane above it: a node's of a server
  std::vector<LaneSpan> spans;
  std::string figure = {};  // beside it: "96.2 %"
};

// States over time, one lane below the other (a Gantt chart).
struct Lanes {
  std::string name;
  std::string title;
  double end_s = 0;  // of the time axis
  std::vector<Lane> lanes;
  std::string remark = {};
};

// A value for each pair of settings: rows and columns of cells, shaded by how much it is.
struct HeatMap {
  struct Axis {
    std::string name;                 // "interval"
    std::vector<std::string> values;  // "1s", with their units
  };
  struct Cell {
    bool was_run = false;
    std::optional<double> value;  // nullopt: nothing was measured
  };
  std::string name;   // "detection_s(names/b1)"
  std::string title;  // with what the map stands for: "… retries=3"
  std::string unit;
  Axis down;
  Axis across;
  std::vector<Cell> cells;  // row by row: down.values × across.values
  // Ends of the scale, from 0 shade to full; several maps of one measure share it.
  double low = 0;
  double high = 0;
  std::string remark = {};

  const Cell& at(std::size_t row, std::size_t column) const {
    return cells[row * across.values.size() + column];
  }
};

// Of `levels` equal parts of the map's scale the one that a value lies in, from 0 on.
std::size_t heat_level(const HeatMap& map, double value, std::size_t levels);
// Short, so that many stand side by side: "28,232", "481", "2.51"; "–" where nothing was measured,
// "·" where nothing was run.
std::string text_of(const HeatMap::Cell& cell);

using Block = std::variant<Paragraph, Table, Finding, Remainder, Chart, Lanes, HeatMap>;

struct Section {
  std::string name;   // "occupancies"
  std::string title;  // "How full things were"
  std::vector<Block> blocks;
};

struct Document {
  std::string title;
  std::string subtitle;
  std::string badge;  // the verdict: "holds", "fails"
  Tone tone = Tone::plain;
  std::vector<Section> sections;
  std::string footer;
};

}  // namespace elblab::reports
