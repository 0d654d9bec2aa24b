#include "scenarios/language/run_trees.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "scenarios/language/document.hpp"

namespace elblab::language {

RunTrees::Index::Index(const Entry* entry) : entry_(entry) {
  if (entry == nullptr) return;
  for (const Entry& each : entry->value.entries) by_key_.emplace(each.key, &each);
}

const Entry* RunTrees::Index::find(const std::string& key) const {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : found->second;
}

RunTrees::RunTrees(Node whole) : whole_(std::move(whole)) {
  frame_.kind = whole_.kind;
  frame_.place = whole_.place;
  for (const Entry& entry : whole_.entries) {
    if (entry.key == "runs") {
      runs_ = Index(&entry);
    } else if (entry.key == "expect") {
      expect_ = Index(&entry);
    } else if (entry.key == "live") {
      live_expect_ = Index(entry.value.find("expect"));
    } else {
      frame_.entries.push_back(entry);
    }
  }
}

const Node* RunTrees::live_expectations() const {
  return live_expect_.entry() ? &live_expect_.entry()->value : nullptr;
}

Node RunTrees::part_of(const std::string& run, bool own_live_expectations) const {
  const Index& expect = own_live_expectations && live_expect_.entry() ? live_expect_ : expect_;
  std::set<const Entry*> shown;
  std::set<std::string> named{run};
  for (const std::string& key : {std::string(kEveryRun), run}) {
    const Entry* entry = expect.find(key);
    if (entry == nullptr) continue;
    shown.insert(entry);
    add_references(entry->value, named);
  }
  std::set<const Entry*> runs;
  for (const std::string& name : named) {
    if (const Entry* entry = runs_.find(name)) runs.insert(entry);
  }
  Node part = frame_;
  if (runs_.entry()) part.entries.push_back(with_only(runs_, runs));
  if (expect.entry()) part.entries.push_back(with_only(expect, shown));
  return part;
}

// In the order of the file: entries of one map stand in one array.
Entry RunTrees::with_only(const Index& index, const std::set<const Entry*>& kept) {
  Entry entry{index.entry()->key, index.entry()->key_place, {}};
  entry.value.kind = index.entry()->value.kind;
  entry.value.place = index.entry()->value.place;
  for (const Entry* each : kept) entry.value.entries.push_back(*each);
  return entry;
}

void RunTrees::add_references(const Node& items, std::set<std::string>& names) {
  const auto add = [&](const Node& item) {
    const Entry* reference = item.is_map() ? item.find("relative_to") : nullptr;
    if (reference) names.insert(reference->value.text);
  };
  add(items);
  std::for_each(items.items.begin(), items.items.end(), add);
}

}  // namespace elblab::language
