#include "scenarios/language/overrides.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "scenarios/language/dotted_path.hpp"
#include "scenarios/language/name_expansion.hpp"
#include "scenarios/language/sections.hpp"
#include "scenarios/language/suggestion.hpp"
#include "scenarios/language/tree_loader.hpp"

namespace elblab::language {
namespace {

using Shape = TypeInfo::Shape;

constexpr std::array<std::string_view, 5> kFixed{"scenario", "runs", "seeds", "exercises", "live"};

std::string join(const std::vector<std::string>& segments, std::size_t from, std::size_t to) {
  std::string path;
  for (std::size_t i = from; i < to; ++i) path += (i > from ? "." : "") + segments[i];
  return path;
}

// Removes what the choice of `field` excludes, unless `keep` (a map merged at once) names it too:
// then both stay, and the decoder says that they exclude each other.
void drop_alternatives(Node& node, const SectionInfo& section, const FieldInfo& field,
                       const Node* keep) {
  if (field.choice.empty()) return;
  for (const FieldInfo& other : section.fields) {
    const bool kept = keep && keep->find(other.name);
    if (other.choice == field.choice && other.name != field.name && !kept) node.erase(other.name);
  }
}

void place_value(Node& parent, const std::string& key, const Place& key_place, const Node& value,
                 const TypeInfo& type);

void merge(Node& target, const Node& value, const TypeInfo& type) {
  for (const Entry& entry : value.entries) {
    TypeInfo inner;
    if (type.shape == Shape::section) {
      const FieldInfo* field = type.section->find(entry.key);
      if (field) {
        drop_alternatives(target, *type.section, *field, &value);
        inner = field->type;
      }
    } else if (type.shape == Shape::named) {
      inner.shape = Shape::section;
      inner.section = type.section;
    }
    place_value(target, entry.key, entry.key_place, entry.value, inner);
  }
}

void place_value(Node& parent, const std::string& key, const Place& key_place, const Node& value,
                 const TypeInfo& type) {
  if (value.is_null()) return parent.erase(key);
  Entry* entry = parent.find(key);
  if (!entry) {
    parent.entries.push_back({key, key_place, value});
  } else if (value.is_map() && entry->value.is_map() && type.shape != Shape::leaf) {
    merge(entry->value, value, type);
  } else {
    entry->value = value;
    entry->key_place = key_place;
  }
}

class PathWalk {
 public:
  PathWalk(std::vector<std::string> segments, const Place& place, const Node& value,
           Diagnostics& diagnostics)
      : segments_(std::move(segments)), place_(place), value_(value), diagnostics_(diagnostics) {}

  bool apply(Node& root) {
    TypeInfo top;
    top.shape = Shape::section;
    top.section = &document_section().info();
    return step(root, top, 0);
  }

 private:
  bool last(std::size_t i) const { return i + 1 == segments_.size(); }

  bool step(Node& node, const TypeInfo& type, std::size_t i) {
    if (node.is_null() && type.shape != Shape::leaf) {
      const Place at = node.place;
      node = Node::map();
      node.place = at;
    }
    if (!node.is_map()) return fail(i, "leads into a value that has no fields");
    switch (type.shape) {
      case Shape::section:
        return step_section(node, *type.section, i);
      case Shape::named:
        return step_named(node, type, i);
      case Shape::settings:
        return step_setting(node, i);
      default:
        return fail(i, "leads into a list; set the list as a whole");
    }
  }

  bool step_section(Node& node, const SectionInfo& section, std::size_t i) {
    const FieldInfo* field = section.find(segments_[i]);
    if (!field) return unknown_field(section, i);
    drop_alternatives(node, section, *field, nullptr);
    if (last(i)) {
      place_value(node, segments_[i], place_, value_, field->type);
      return true;
    }
    if (field->type.shape == Shape::leaf) return fail(i + 1, "leads into a single value");
    return step(child(node, i), field->type, i + 1);
  }

  bool step_named(Node& node, const TypeInfo& type, std::size_t i) {
    TypeInfo element;
    element.shape = Shape::section;
    element.section = type.section;
    const bool known = node.find(segments_[i]) != nullptr;
    if (!known && !(last(i) && value_.is_map())) return unknown_name(node, i);
    if (last(i)) {
      place_value(node, segments_[i], place_, value_, element);
      return true;
    }
    return step(child(node, i), element, i + 1);
  }

  bool step_setting(Node& node, std::size_t i) {
    place_value(node, join(segments_, i, segments_.size()), place_, value_, {});
    return true;
  }

  Node& child(Node& node, std::size_t i) {
    if (!node.find(segments_[i])) {
      Node empty = Node::map();
      empty.place = place_;
      node.entries.push_back({segments_[i], place_, std::move(empty)});
    }
    return node.find(segments_[i])->value;
  }

  std::string head(std::size_t i) const { return join(segments_, 0, i); }

  // The path with segment `i` put right.
  std::string corrected(std::size_t i, const std::string& segment) const {
    std::vector<std::string> path = segments_;
    path[i] = segment;
    return join(path, 0, path.size());
  }

  bool unknown_field(const SectionInfo& section, std::size_t i) {
    std::vector<std::string> known;
    for (const FieldInfo& field : section.fields) known.push_back(field.name);
    std::string meant = nearest(segments_[i], known);
    if (meant.empty() && i == 0 && balancer_section().info().find(segments_[0])) {
      meant = "balancer." + segments_[0];
    }
    return unknown(section.name, i, meant);
  }

  bool unknown_name(const Node& node, std::size_t i) {
    std::vector<std::string> known;
    for (const Entry& entry : node.entries) known.push_back(entry.key);
    return unknown(head(i), i, nearest(segments_[i], known));
  }

  bool unknown(const std::string& where, std::size_t i, const std::string& meant) {
    diagnostics_.error(
        place_, fmt::format("unknown path '{}': {} has no '{}'", full(), where, segments_[i]),
        meant.empty() ? std::string() : did_you_mean(corrected(i, meant)));
    return false;
  }

  bool fail(std::size_t i, std::string_view why) {
    diagnostics_.error(place_, fmt::format("path '{}' {} at '{}'", full(), why, head(i)));
    return false;
  }

  std::string full() const { return head(segments_.size()); }

  std::vector<std::string> segments_;
  Place place_;
  const Node& value_;
  Diagnostics& diagnostics_;
};

void relocate(Node& node, const SourcePtr& source, int columns) {
  const auto move = [&](Place& place) {
    place.source = source;
    if (place.line == 1) place.column += columns;
  };
  move(node.place);
  for (Node& item : node.items) relocate(item, source, columns);
  for (Entry& entry : node.entries) {
    move(entry.key_place);
    relocate(entry.value, source, columns);
  }
}

}  // namespace

bool apply_override(Node& root, const std::string& path, const Place& path_place, const Node& value,
                    Diagnostics& diagnostics) {
  const auto paths = expand_name(path);
  if (!paths) {
    diagnostics.error(path_place, paths.error().message);
    return false;
  }
  for (const std::string& each : *paths) {
    std::vector<std::string> segments = segments_of(each);
    if (std::find(kFixed.begin(), kFixed.end(), segments.front()) != kFixed.end()) {
      diagnostics.error(
          path_place,
          fmt::format("'{}' belongs to the whole scenario and cannot be set", segments.front()));
      return false;
    }
    if (!PathWalk(std::move(segments), path_place, value, diagnostics).apply(root)) return false;
  }
  return true;
}

void apply_set(Node& root, const Node& set, Diagnostics& diagnostics) {
  for (const Entry& entry : set.entries) {
    Node value = entry.value;
    expand_keys(value, diagnostics);
    apply_override(root, entry.key, entry.key_place, value, diagnostics);
  }
}

void apply_override(Node& root, const Override& override_, Diagnostics& diagnostics) {
  const auto shown = std::make_shared<Source>("--set", override_.path + "=" + override_.value);
  const Place path_place{shown, 1, 1, static_cast<int>(override_.path.size())};
  if (const auto bad = find_bad_byte(shown->text())) {
    return diagnostics.error({shown, 0, 0, 1}, bad->message);
  }
  const auto text = std::make_shared<Source>("--set " + override_.path, override_.value);
  auto value = load_tree(text, diagnostics);
  if (!value) return;
  relocate(*value, shown, static_cast<int>(override_.path.size()) + 1);
  expand_keys(*value, diagnostics);
  apply_override(root, override_.path, path_place, *value, diagnostics);
}

}  // namespace elblab::language
