// The one table of fields: what a section of a scenario may hold.
//
// A Section<T> lists the fields of one kind of map (a link, a listener, …) together with the C++
// value they are stored in. The same table reads and checks the map, writes it back with every
// default spelled out, and describes it to the JSON Schema and to the reference page. Defaults are
// not written in the table: they are what a default-constructed T holds.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "scenarios/language/diagnostics.hpp"
#include "scenarios/language/suggestion.hpp"
#include "scenarios/language/tree.hpp"
#include "scenarios/language/yaml_writer.hpp"

namespace elblab::language {

using Json = nlohmann::ordered_json;
struct SectionInfo;

// How a value looks, apart from what it is stored in.
struct TypeInfo {
  enum class Shape : std::uint8_t {
    leaf,         // a single value or a list of them
    section,      // a map of fields
    named,        // a map of names to sections
    listed,       // a list of sections
    settings,     // a map whose keys may hold dots (sysctls)
    paths,        // a map of override paths to values
    one_or_many,  // a map of names to a list of sections
  };
  std::string text;  // "duration", for people
  Json schema;       // leaf: its JSON Schema
  Shape shape = Shape::leaf;
  const SectionInfo* section = nullptr;
};

struct FieldInfo {
  std::string name;
  std::string help;
  TypeInfo type;
  bool required = false;
  std::string default_text;  // filled from the default value, unless given
  std::string choice;        // fields of one choice exclude each other
};

struct SectionInfo {
  std::string name;  // "link": as messages call it
  std::string help;
  std::vector<FieldInfo> fields;
  const FieldInfo* find(std::string_view field) const {
    for (const FieldInfo& f : fields) {
      if (f.name == field) return &f;
    }
    return nullptr;
  }
};

// Reads and writes one kind of value.
template <typename V>
struct Codec {
  TypeInfo type;
  // False after an error was reported; the value is then left as it was.
  std::function<bool(const Node&, Diagnostics&, V&)> read;
  std::function<Node(const V&)> write;
};

template <typename T>
class Section {
 public:
  Section(std::string name, std::string help) {
    info_.name = std::move(name);
    info_.help = std::move(help);
  }
  Section(const Section&) = delete;
  Section& operator=(const Section&) = delete;

  const SectionInfo& info() const { return info_; }

  // `where` is a member of T or a function that gives one: what the field is stored in. A member
  // that is an optional is absent by default.
  template <typename Where, typename V>
  FieldInfo& field(std::string name, Where where, Codec<V> codec, std::string help) {
    using Stored = std::remove_cvref_t<std::invoke_result_t<Where, T&>>;
    FieldInfo info{std::move(name), std::move(help), codec.type, false, {}, {}};
    Access access;
    if constexpr (std::is_same_v<Stored, std::optional<V>>) {
      access.read = [where, codec](const Node& node, Diagnostics& d, T& object) {
        V value{};
        if (codec.read(node, d, value)) std::invoke(where, object) = std::move(value);
      };
      access.write = [where, codec](T& object) -> std::optional<Node> {
        const auto& stored = std::invoke(where, object);
        if (!stored) return std::nullopt;
        return codec.write(*stored);
      };
    } else {
      access.read = [where, codec](const Node& node, Diagnostics& d, T& object) {
        codec.read(node, d, std::invoke(where, object));
      };
      access.write = [where, codec](T& object) -> std::optional<Node> {
        return codec.write(std::invoke(where, object));
      };
    }
    T prototype{};
    const std::optional<Node> by_default = access.write(prototype);
    const bool shown = codec.type.shape == TypeInfo::Shape::leaf && by_default &&
                       !(by_default->is_scalar() && by_default->text.empty());
    if (shown) info.default_text = inline_yaml(*by_default);
    access_.push_back(std::move(access));
    info_.fields.push_back(std::move(info));
    return info_.fields.back();
  }

  template <typename Where, typename V>
  FieldInfo& required(std::string name, Where where, Codec<V> codec, std::string help) {
    FieldInfo& info = field(std::move(name), where, std::move(codec), std::move(help));
    info.required = true;
    info.default_text.clear();
    return info;
  }

  // What people look for here and is not there: the answer says why, or what to write instead.
  void refused(std::string name, std::string message) {
    refused_.emplace_back(std::move(name), std::move(message));
  }

  // Exactly one field of the choice must be given.
  void exactly_one(std::string choice) { choices_.push_back(std::move(choice)); }
  // Runs after the fields were read without error.
  void check(std::function<void(const Node&, Diagnostics&, T&)> function) {
    check_ = std::move(function);
  }

  // `at` is where the section is named: where something missing is reported.
  void read(const Node& node, const Place& at, Diagnostics& diagnostics, T& object) const {
    if (!node.is_map() && !node.is_null()) {
      diagnostics.error(node.place, info_.name + " must be a map of " + some_fields() + ", not " +
                                        std::string(kind_name(node.kind)));
      return;
    }
    const std::size_t errors = diagnostics.size();
    for (const Entry& entry : node.entries) read_entry(entry, diagnostics, object);
    if (diagnostics.size() == errors) check_presence(node, at, diagnostics);
    if (diagnostics.size() == errors && check_) check_(node, diagnostics, object);
  }

  // `object` is not changed; members are reached through the same function as for reading.
  Node write(const T& object) const {
    Node node = Node::map();
    T copy = object;
    for (std::size_t i = 0; i < access_.size(); ++i) {
      std::optional<Node> value = access_[i].write(copy);
      const bool no_names =
          info_.fields[i].type.shape == TypeInfo::Shape::named && value && value->entries.empty();
      const bool blank = value && ((value->is_scalar() && value->text.empty()) || no_names);
      if (value && (!blank || info_.fields[i].required)) {
        node.put(info_.fields[i].name, std::move(*value));
      }
    }
    return node;
  }

 private:
  struct Access {
    std::function<void(const Node&, Diagnostics&, T&)> read;
    std::function<std::optional<Node>(T&)> write;
  };

  std::vector<std::string> field_names() const {
    std::vector<std::string> all;
    for (const FieldInfo& f : info_.fields) all.push_back(f.name);
    return all;
  }
  std::string some_fields() const {
    std::string text;
    for (std::size_t i = 0; i < info_.fields.size() && i < 3; ++i) {
      text += (i ? ", " : "") + info_.fields[i].name;
    }
    return info_.fields.size() > 3 ? text + ", …" : text;
  }
  void read_entry(const Entry& entry, Diagnostics& diagnostics, T& object) const {
    if (diagnostics.full()) return;
    for (std::size_t i = 0; i < access_.size(); ++i) {
      const FieldInfo& info = info_.fields[i];
      if (info.name != entry.key) continue;
      if (entry.value.is_null() && info.type.shape == TypeInfo::Shape::leaf) {
        diagnostics.error(entry.key_place, "'" + entry.key + "' needs a value: " + info.type.text);
        return;
      }
      access_[i].read(entry.value, diagnostics, object);
      return;
    }
    for (const auto& [refused, message] : refused_) {
      if (refused == entry.key) return diagnostics.error(entry.key_place, message);
    }
    // {title: 28,232 ports}, {allow: tcp 80,443}: the comma began a new key. None has a blank in it
    // or begins with a digit.
    const bool no_key =
        entry.key.find(' ') != std::string::npos || entry.key.find_first_of("0123456789") == 0;
    const bool cut_text = no_key && entry.value.is_null();
    diagnostics.error(entry.key_place, "unknown key '" + entry.key + "' in " + info_.name,
                      cut_text ? "text with a comma needs quotes inside braces"
                               : did_you_mean(nearest(entry.key, field_names())));
  }
  void check_presence(const Node& node, const Place& at, Diagnostics& diagnostics) const {
    for (const FieldInfo& f : info_.fields) {
      if (f.required && !node.find(f.name)) {
        diagnostics.error(at, info_.name + " needs '" + f.name + "': " + f.help);
        return;
      }
    }
    for (const std::string& choice : choices_) check_choice(choice, node, at, diagnostics);
  }
  void check_choice(const std::string& choice, const Node& node, const Place& at,
                    Diagnostics& diagnostics) const {
    std::string all;
    const Entry* given = nullptr;
    for (const FieldInfo& f : info_.fields) {
      if (f.choice != choice) continue;
      all += (all.empty() ? "" : ", ") + f.name;
      const Entry* entry = node.find(f.name);
      if (entry && given) {
        diagnostics.error(entry->key_place, "'" + f.name + "' and '" + given->key +
                                                "' exclude each other in " + info_.name);
        return;
      }
      if (entry) given = entry;
    }
    if (!given) diagnostics.error(at, info_.name + " needs exactly one of: " + all);
  }

  SectionInfo info_;
  std::vector<Access> access_;
  std::vector<std::string> choices_;
  std::vector<std::pair<std::string, std::string>> refused_;
  std::function<void(const Node&, Diagnostics&, T&)> check_;
};

}  // namespace elblab::language
