#include "scenarios/swarm/shrinking.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

#include "scenarios/language/name_expansion.hpp"

namespace elblab::swarm {
namespace {

using language::Entry;
using language::Node;
using Place = std::vector<std::size_t>;  // index of the entry or item, level by level

std::size_t children_of(const Node& node) {
  if (node.is_map()) return node.entries.size();
  return node.is_list() ? node.items.size() : 0;
}

const Node& child_of(const Node& node, std::size_t index) {
  return node.is_map() ? node.entries[index].value : node.items[index];
}

Node& child_of(Node& node, std::size_t index) {
  return node.is_map() ? node.entries[index].value : node.items[index];
}

struct Part {
  Place path;
  std::size_t size = 0;
};

void collect(const Node& node, const Place& path, std::vector<Part>& parts) {
  for (std::size_t i = 0; i < children_of(node); ++i) {
    Place below = path;
    below.push_back(i);
    parts.push_back({below, size_of(child_of(node, i))});
    collect(child_of(node, i), below, parts);
  }
}

// Of one size those that stand later first: what they refer to stands before them.
std::vector<Part> parts_of(const Node& tree) {
  std::vector<Part> parts;
  collect(tree, {}, parts);
  std::reverse(parts.begin(), parts.end());
  std::stable_sort(parts.begin(), parts.end(),
                   [](const Part& a, const Part& b) { return a.size > b.size; });
  return parts;
}

Node* find(Node& tree, const Place& path, std::size_t levels) {
  Node* node = &tree;
  for (std::size_t i = 0; i < levels; ++i) {
    if (path[i] >= children_of(*node)) return nullptr;
    node = &child_of(*node, path[i]);
  }
  return node;
}

bool remove(Node& tree, const Place& path) {
  Node* above = find(tree, path, path.size() - 1);
  if (above == nullptr || path.back() >= children_of(*above)) return false;
  const auto at = static_cast<std::ptrdiff_t>(path.back());
  if (above->is_map()) {
    above->entries.erase(above->entries.begin() + at);
  } else {
    above->items.erase(above->items.begin() + at);
  }
  return true;
}

// Replaces a name, also within "lb1/web" and "balancers.lb1.frozen".
void replace(std::string& text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

void replace(Node& node, const std::string& from, const std::string& to) {
  replace(node.text, from, to);
  for (Entry& entry : node.entries) {
    replace(entry.key, from, to);
    replace(entry.value, from, to);
  }
  for (Node& item : node.items) replace(item, from, to);
}

void collect_ranges(const Node& node, std::vector<std::string>& names) {
  for (const Entry& entry : node.entries) {
    if (entry.key.find("[") != std::string::npos) names.push_back(entry.key);
    collect_ranges(entry.value, names);
  }
}

// "60/s" -> "30/s"; nullopt where there is no number, or one below 2. Whole numbers stay whole.
std::string smaller(const std::string& text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  unsigned long long number = 0;
  if (digits == 0 || std::from_chars(text.data(), text.data() + digits, number).ec != std::errc{} ||
      number < 2) {
    return {};
  }
  std::size_t rest = digits;  // what stands after a decimal point goes
  if (rest < text.size() && text[rest] == '.') {
    rest = std::min(text.find_first_not_of("0123456789", rest + 1), text.size());
  }
  return std::to_string(number / 2) + text.substr(rest);
}

class Shrinking {
 public:
  Shrinking(Node tree, const Question& is_possible, const Question& shows, std::size_t most)
      : tree_(std::move(tree)), is_possible_(is_possible), shows_(shows), most_(most) {}

  Shrunk run() {
    bool smaller_now = true;
    while (smaller_now && tries_ < most_) {
      smaller_now = leave_out();
      smaller_now = shorten_names() || smaller_now;
      if (!smaller_now) smaller_now = reduce_numbers();
    }
    return {std::move(tree_), tries_, !smaller_now};
  }

 private:
  bool take_if_it_shows(Node candidate) {
    if (tries_ >= most_ || !is_possible_(candidate)) return false;
    ++tries_;
    if (!shows_(candidate)) return false;
    tree_ = std::move(candidate);
    return true;
  }

  bool leave_out() {
    bool any = false;
    std::vector<Part> parts = parts_of(tree_);
    for (std::size_t i = 0; i < parts.size() && tries_ < most_;) {
      Node candidate = tree_;
      if (remove(candidate, parts[i].path) && take_if_it_shows(std::move(candidate))) {
        any = true;
        parts = parts_of(tree_);  // places have moved; what is as large was tried before
        const std::size_t size = i < parts.size() ? parts[i].size : 0;
        i = static_cast<std::size_t>(
            std::find_if(parts.begin(), parts.end(),
                         [&](const Part& part) { return part.size <= size; }) -
            parts.begin());
        continue;
      }
      ++i;
    }
    return any;
  }

  bool shorten_names() {
    std::vector<std::string> names;
    collect_ranges(tree_, names);
    bool any = false;
    for (const std::string& name : names) {
      const auto expanded = language::expand_name(name);
      if (!expanded) continue;
      Node candidate = tree_;
      replace(candidate, name, expanded->front());
      any = take_if_it_shows(std::move(candidate)) || any;
    }
    return any;
  }

  bool reduce_numbers() {
    bool any = false;
    for (const Part& part : parts_of(tree_)) {
      Node candidate = tree_;
      Node* value = find(candidate, part.path, part.path.size());
      if (value == nullptr || !value->is_scalar()) continue;
      std::string less = smaller(value->text);
      if (less.empty()) continue;
      value->text = std::move(less);
      any = take_if_it_shows(std::move(candidate)) || any;
    }
    return any;
  }

  Node tree_;
  const Question& is_possible_;
  const Question& shows_;
  std::size_t most_;
  std::size_t tries_ = 0;
};

}  // namespace

std::size_t size_of(const Node& tree) {
  std::size_t size = 1;
  for (std::size_t i = 0; i < children_of(tree); ++i) size += size_of(child_of(tree, i));
  return size;
}

Shrunk shrink(Node tree, const Question& is_possible, const Question& shows,
              std::size_t most_tries) {
  return Shrinking(std::move(tree), is_possible, shows, most_tries).run();
}

}  // namespace elblab::swarm
