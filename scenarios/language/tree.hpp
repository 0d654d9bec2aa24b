// A YAML document as a tree of plain values that know where they stand.
//
// The decoder reads it, overrides change it before decoding, and the effective scenario is written
// from one. Maps keep the order of the file; keys are unique.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/language/source.hpp"

namespace elblab::language {

struct Entry;

struct Node {
  enum class Kind : std::uint8_t { null, scalar, list, map };

  Kind kind = Kind::null;
  Place place;
  std::string text;            // scalar
  bool quoted = false;         // scalar written with quotes or as a block: always text
  std::vector<Node> items;     // list
  std::vector<Entry> entries;  // map

  static Node scalar(std::string text, bool quoted = false);
  static Node list();
  static Node map();

  bool is_null() const { return kind == Kind::null; }
  bool is_scalar() const { return kind == Kind::scalar; }
  bool is_list() const { return kind == Kind::list; }
  bool is_map() const { return kind == Kind::map; }

  // Map only; nullptr when absent. O(entries).
  const Entry* find(std::string_view key) const;
  Entry* find(std::string_view key);
  // Map only: sets or replaces.
  void put(std::string key, Node value);
  void erase(std::string_view key);
};

struct Entry {
  std::string key;
  Place key_place;
  Node value;
};

// "a map", "a list", "text": for messages.
std::string_view kind_name(Node::Kind kind);

// Place of the value that a path of keys and list indices leads to; of the last key that exists
// when the path leads further than the tree.
Place place_of(const Node& root, const std::vector<std::string>& path);
// As place_of, but the place of the key.
Place key_place_of(const Node& root, const std::vector<std::string>& path);

}  // namespace elblab::language
