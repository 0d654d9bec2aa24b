#include "scenarios/swarm/odd_fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "scenarios/language/sections.hpp"
#include "scenarios/random/yaml_nodes.hpp"

namespace elblab::swarm {
namespace {

using language::FieldInfo;
using language::SectionInfo;
using random_scenarios::plain;
using random_scenarios::scalar;
using Shape = language::TypeInfo::Shape;
using Path = std::vector<std::string>;

// Drawn worlds have some hundred packets per second: what allows more is not reached, what makes
// more would only take time.
constexpr double kMostBytes = 300'000;
constexpr double kMostSeconds = 100;

struct Candidate {
  Path path;
  const FieldInfo* field = nullptr;
};

void collect(const SectionInfo& section, const Node* node, const Path& path,
             std::vector<Candidate>& candidates);

void collect_field(const FieldInfo& field, const Node* node, const Path& path,
                   std::vector<Candidate>& candidates) {
  const language::Entry* entry =
      node != nullptr && node->is_map() ? node->find(field.name) : nullptr;
  Path below = path;
  below.push_back(field.name);
  switch (field.type.shape) {
    case Shape::leaf:
      if (entry == nullptr && field.choice.empty()) candidates.push_back({below, &field});
      return;
    case Shape::settings:
      // Those of a table; others (pages of a service) have keys of their own.
      if (field.type.schema.contains("properties")) candidates.push_back({below, &field});
      return;
    case Shape::section:
      // What is not there may be added, but for the alternatives of a choice.
      if (entry != nullptr || field.choice.empty()) {
        collect(*field.type.section, entry ? &entry->value : nullptr, below, candidates);
      }
      return;
    case Shape::named:
      if (entry == nullptr || !entry->value.is_map()) return;
      for (const language::Entry& one : entry->value.entries) {
        Path of_one = below;
        of_one.push_back(one.key);
        collect(*field.type.section, &one.value, of_one, candidates);
      }
      return;
    case Shape::listed:
    case Shape::paths:
    case Shape::one_or_many:
      return;
  }
}

void collect(const SectionInfo& section, const Node* node, const Path& path,
             std::vector<Candidate>& candidates) {
  const bool is_new = node == nullptr;
  for (const FieldInfo& field : section.fields) {
    // A section that needs more than the one field cannot be added by it.
    if (is_new && field.required) return;
  }
  for (const FieldInfo& field : section.fields) {
    const bool at_top = path.empty();
    if (at_top && field.type.shape == Shape::leaf) continue;
    collect_field(field, node, path, candidates);
  }
}

double whole_of_range(double low, double high, Draw& draw) {
  switch (draw.whole(0, 4)) {
    case 0:
      return low;
    case 1:
      return high;
    case 2:
      return std::min(high, low + 1);
    default:
      return std::floor(std::clamp(draw.scale(std::max(1.0, low), std::max(2.0, high)), low, high));
  }
}

std::string seconds_text(Draw& draw) {
  if (draw.chance(0.1)) return "0s";
  return random_scenarios::time_text(draw.scale(0.000001, kMostSeconds));
}

std::optional<Node> of_schema(const language::Json& schema, Draw& draw) {
  if (schema.is_null()) return std::nullopt;
  if (schema.contains("enum")) {
    const auto& words = schema.at("enum");
    const auto index = draw.whole(0, static_cast<unsigned>(words.size()) - 1);
    return scalar(words.at(index).get<std::string>());
  }
  const bool integer = schema.contains("type") && schema.at("type") == "integer";
  if (!integer || !schema.contains("minimum") || !schema.contains("maximum")) return std::nullopt;
  const double value =
      whole_of_range(schema.at("minimum").get<double>(), schema.at("maximum").get<double>(), draw);
  return scalar(fmt::format("{:.0f}", value));
}

std::optional<Node> of_text(const std::string& text, Draw& draw) {
  if (text == "true or false") return scalar(draw.chance(0.5));
  if (text == "duration") return scalar(seconds_text(draw));
  if (text == "duration in whole minutes") return scalar(fmt::format("{}min", draw.whole(1, 60)));
  if (text == "rate") return scalar(random_scenarios::bit_rate_text(draw.scale(1e4, 1e10)));
  if (text.starts_with("share")) return scalar(plain(draw.uniform(0, 1)));
  if (text == "number per second") return scalar(plain(draw.scale(0.1, 1000)) + "/s");
  if (text.starts_with("size")) return scalar(fmt::format("{:.0f}B", draw.scale(24, kMostBytes)));
  return std::nullopt;
}

}  // namespace

std::optional<Node> draw_value(const language::TypeInfo& type, Draw& draw) {
  if (auto value = of_schema(type.schema, draw)) return value;
  return of_text(type.text, draw);
}

std::optional<OddField> draw_odd_field(const Node& tree, Draw& draw) {
  std::vector<Candidate> candidates;
  collect(language::document_section().info(), &tree, {}, candidates);
  if (candidates.empty()) return std::nullopt;
  const Candidate& chosen = any_of(draw, candidates);
  if (chosen.field->type.shape != Shape::settings) {
    auto value = draw_value(chosen.field->type, draw);
    if (!value) return std::nullopt;
    return OddField{chosen.path, std::move(*value)};
  }
  const auto& settings = chosen.field->type.schema.at("properties");
  auto setting = settings.begin();
  std::advance(setting, draw.whole(0, static_cast<unsigned>(settings.size()) - 1));
  auto value = of_schema(setting.value(), draw);
  if (!value) return std::nullopt;
  OddField field{chosen.path, std::move(*value)};
  field.path.push_back(setting.key());
  return field;
}

void put(Node& tree, const OddField& field) {
  Node* at = &tree;
  for (std::size_t i = 0; i + 1 < field.path.size(); ++i) {
    if (!at->find(field.path[i])) at->put(field.path[i], Node::map());
    Node& next = at->find(field.path[i])->value;
    if (!next.is_map()) next = Node::map();
    at = &next;
  }
  at->put(field.path.back(), field.value);
}

}  // namespace elblab::swarm
