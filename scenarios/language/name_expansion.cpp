#include "scenarios/language/name_expansion.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <set>

#include "scenarios/language/tree_loader.hpp"

namespace elblab::language {
namespace {

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

// Copies grow the tree: bracket within bracket could multiply without bound.
class KeyExpander {
 public:
  explicit KeyExpander(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  void expand(Node& node) {
    for (Node& item : node.items) expand(item);
    if (!node.is_map()) return;
    std::vector<Entry> expanded;
    std::set<std::string, std::less<>> keys;
    for (Entry& entry : node.entries) {
      if (entry.key != "set") expand(entry.value);
      expand_entry(entry, expanded, keys);
    }
    node.entries = std::move(expanded);
  }

 private:
  static std::size_t count(const Node& node) {
    std::size_t total = 1;
    for (const Node& item : node.items) total += count(item);
    for (const Entry& entry : node.entries) total += count(entry.value);
    return total;
  }

  void expand_entry(Entry& entry, std::vector<Entry>& expanded,
                    std::set<std::string, std::less<>>& keys) {
    const auto names = expand_name(entry.key);
    if (!names) {
      diagnostics_.error(entry.key_place, names.error().message);
      return;
    }
    const bool bracket = names->size() != 1 || names->front() != entry.key;
    if (bracket && !within_budget(entry, names->size())) return;
    for (const std::string& name : *names) {
      // A plain key standing twice was reported by the loader; the first one counts.
      if (!keys.insert(name).second) {
        diagnostics_.error(entry.key_place, fmt::format("'{}' stands here a second time", name));
        continue;
      }
      expanded.push_back({name, entry.key_place, entry.value});
    }
  }

  bool within_budget(const Entry& entry, std::size_t copies) {
    copied_ += count(entry.value) * copies;
    if (copied_ <= kMostNodes) return true;
    diagnostics_.error(entry.key_place, fmt::format("'{}' makes the scenario larger than {} values",
                                                    entry.key, kMostNodes));
    return false;
  }

  Diagnostics& diagnostics_;
  std::size_t copied_ = 0;
};

}  // namespace

Expected<std::vector<std::string>> expand_name(std::string_view name) {
  const std::size_t open = name.find('[');
  if (open == std::string_view::npos) return std::vector<std::string>{std::string(name)};
  const std::size_t close = name.find(']', open);
  const std::size_t dots = name.find("..", open);
  if (close == std::string_view::npos || dots == std::string_view::npos || dots > close ||
      name.find('[', close) != std::string_view::npos) {
    return Error{
        fmt::format("'{}' is not a range of names; write b[1..4] for b1, b2, b3, b4", name)};
  }
  const auto first = number(name.substr(open + 1, dots - open - 1));
  const auto last = number(name.substr(dots + 2, close - dots - 2));
  if (!first || !last || *last < *first || *last - *first >= kMostNames) {
    return Error{fmt::format(
        "'{}' is not a range of 1 … {} names; write b[1..4] for b1, b2, b3, b4", name, kMostNames)};
  }
  std::vector<std::string> names;
  for (int i = *first; i <= *last; ++i) {
    names.push_back(fmt::format("{}{}{}", name.substr(0, open), i, name.substr(close + 1)));
  }
  return names;
}

void expand_keys(Node& root, Diagnostics& diagnostics) { KeyExpander(diagnostics).expand(root); }

}  // namespace elblab::language
