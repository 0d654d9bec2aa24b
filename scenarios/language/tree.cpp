#include "scenarios/language/tree.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace elblab::language {
namespace {

struct Found {
  Place key;
  Place value;
};

const Node* item_at(const Node& list, const std::string& segment) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(segment.data(), segment.data() + segment.size(), index);
  if (error != std::errc() || end != segment.data() + segment.size()) return nullptr;
  return index < list.items.size() ? &list.items[index] : nullptr;
}

Found walk(const Node& root, const std::vector<std::string>& path) {
  const Node* node = &root;
  Found found{root.place, root.place};
  for (const std::string& segment : path) {
    if (node->is_map()) {
      const Entry* entry = node->find(segment);
      if (!entry) return {found.key, found.key};
      found = {entry->key_place, entry->value.place};
      node = &entry->value;
    } else if (node->is_list()) {
      const Node* item = item_at(*node, segment);
      if (!item) return found;
      found = {item->place, item->place};
      node = item;
    } else {
      return found;
    }
  }
  // A map or an absent value is best shown by its name.
  if (node->is_map() || node->is_null() || found.value.line == 0) found.value = found.key;
  return found;
}

}  // namespace

Node Node::scalar(std::string text, bool quoted) {
  Node node;
  node.kind = Kind::scalar;
  node.text = std::move(text);
  node.quoted = quoted;
  return node;
}

Node Node::list() {
  Node node;
  node.kind = Kind::list;
  return node;
}

Node Node::map() {
  Node node;
  node.kind = Kind::map;
  return node;
}

const Entry* Node::find(std::string_view key) const {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

Entry* Node::find(std::string_view key) {
  return const_cast<Entry*>(std::as_const(*this).find(key));
}

void Node::put(std::string key, Node value) {
  if (Entry* entry = find(key)) {
    entry->value = std::move(value);
    return;
  }
  Entry entry;
  entry.key_place = value.place;
  entry.key = std::move(key);
  entry.value = std::move(value);
  entries.push_back(std::move(entry));
}

void Node::erase(std::string_view key) {
  std::erase_if(entries, [&](const Entry& e) { return e.key == key; });
}

std::string_view kind_name(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::null:
      return "nothing";
    case Node::Kind::scalar:
      return "a single value";
    case Node::Kind::list:
      return "a list";
    case Node::Kind::map:
      return "a map";
  }
  return "";
}

Place place_of(const Node& root, const std::vector<std::string>& path) {
  return walk(root, path).value;
}

Place key_place_of(const Node& root, const std::vector<std::string>& path) {
  return walk(root, path).key;
}

}  // namespace elblab::language
