#include <cmath>
#include <nlohmann/json.hpp>

#include "analysis/export/safe_text.hpp"
#include "analysis/reports/writers.hpp"

namespace elblab::reports {
namespace {

using Json = nlohmann::ordered_json;

Json number_of(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json value_of(const Cell& cell) {
  if (const auto* integer = std::get_if<std::int64_t>(&cell.value)) return *integer;
  if (const auto* text = std::get_if<std::string>(&cell.value)) return *text;
  if (const auto* real = std::get_if<double>(&cell.value)) return number_of(*real);
  return nullptr;
}

class JsonWriter {
 public:
  explicit JsonWriter(Json& section) : section_(section) {}

  void operator()(const Paragraph& paragraph) { section_["text"].push_back(paragraph.text); }

  void operator()(const Remainder& rest) {
    for (const auto& entry : rest.entries) {
      section_[rest.name].push_back(
          {{"name", entry.name}, {"title", entry.title}, {"because", entry.because}});
    }
  }

  void operator()(const Table& table) {
    Json rows = Json::array();
    for (const auto& row : table.rows) {
      Json object = Json::object();
      for (std::size_t i = 0; i < row.size(); ++i) object[table.columns[i].name] = value_of(row[i]);
      rows.push_back(std::move(object));
    }
    section_[table.name] = std::move(rows);
  }

  void operator()(const Finding& finding) {
    Json points = Json::array();
    for (const auto& point : finding.points) {
      Json object{{"kind", point.label}, {"text", point.text}};
      if (!point.query.empty()) object["query"] = point.query;
      if (!point.connections.empty()) object["connections"] = point.connections;
      if (point.from_s) object["from_s"] = number_of(*point.from_s);
      if (point.to_s) object["to_s"] = number_of(*point.to_s);
      points.push_back(std::move(object));
    }
    section_["findings"].push_back(
        {{"name", finding.name},
         {"title", finding.title},
         {"confidence", finding.badge},
         {"explains", finding.explains ? number_of(*finding.explains) : Json()},
         {"complaint", finding.explains ? Json(finding.complaint) : Json()},
         {"points", std::move(points)}});
  }

  void operator()(const Lanes& lanes) {
    Json all = Json::array();
    for (const Lane& lane : lanes.lanes) {
      Json spans = Json::array();
      for (const LaneSpan& span : lane.spans) {
        spans.push_back({{"from_s", number_of(span.from_s)},
                         {"to_s", number_of(span.to_s)},
                         {"state", span.state}});
      }
      all.push_back({{"label", lane.label},
                     {"part_of_the_one_above", lane.is_part},
                     {"spans", std::move(spans)}});
    }
    section_[lanes.name] = std::move(all);
  }

  void operator()(const HeatMap& map) {
    Json rows = Json::array();
    for (std::size_t row = 0; row < map.down.values.size(); ++row) {
      Json values = Json::array();
      for (std::size_t column = 0; column < map.across.values.size(); ++column) {
        const HeatMap::Cell& cell = map.at(row, column);
        values.push_back(cell.value ? number_of(*cell.value) : Json());
      }
      rows.push_back(std::move(values));
    }
    section_["maps"].push_back(
        {{"measure", map.name},
         {"title", map.title},
         {"unit", map.unit},
         {"down", {{"name", map.down.name}, {"values", map.down.values}}},
         {"across", {{"name", map.across.name}, {"values", map.across.values}}},
         {"rows", std::move(rows)}});
  }

  void operator()(const Chart& chart) {
    Json curves = Json::array();
    for (const Curve& curve : chart.curves) {
      Json points = Json::array();
      for (const CurvePoint& p : curve.points) {
        points.push_back(Json::array({number_of(p.at_s), number_of(p.value)}));
      }
      curves.push_back({{"label", curve.label}, {"points", std::move(points)}});
    }
    section_["charts"].push_back(
        {{"measure", chart.name}, {"unit", chart.unit}, {"curves", std::move(curves)}});
  }

 private:
  Json& section_;
};

}  // namespace

std::string json_of(const Document& document) {
  Json json{{"title", document.title}, {"verdict", document.badge}};
  for (const Section& section : document.sections) {
    Json object = Json::object();
    for (const Block& block : section.blocks) std::visit(JsonWriter(object), block);
    json[section.name] = std::move(object);
  }
  return exports::safe_text(json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) +
                            "\n");
}

}  // namespace elblab::reports
