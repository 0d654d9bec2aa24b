// The tree of a scenario file, and for each of its runs the part that concerns that run.
//
// A file may have thousands of runs. To decode one, only what is said of it is taken from the file:
// its own entry, what it must show, and the names of the runs that it is compared with. So all of
// them together cost what the file is long, not its square.
#pragma once

#include <map>
#include <set>
#include <string>

#include "scenarios/language/tree.hpp"

namespace elblab::language {

class RunTrees {
 public:
  explicit RunTrees(Node whole);
  RunTrees(const RunTrees&) = delete;
  RunTrees& operator=(const RunTrees&) = delete;

  const Node& whole() const { return whole_; }
  // Without the live section, without other runs and their expectations. own_live_expectations:
  // with those of the live section in place of the file's, where it gives any.
  Node part_of(const std::string& run, bool own_live_expectations) const;
  // What live runs must show, as the live section says; nullptr: it says nothing of it.
  const Node* live_expectations() const;

 private:
  // The entries of a map by their key; empty for what is no map.
  class Index {
   public:
    Index() = default;
    explicit Index(const Entry* entry);
    const Entry* entry() const { return entry_; }
    const Entry* find(const std::string& key) const;

   private:
    const Entry* entry_ = nullptr;
    std::map<std::string, const Entry*> by_key_;
  };

  static Entry with_only(const Index& index, const std::set<const Entry*>& kept);
  static void add_references(const Node& items, std::set<std::string>& names);

  Node whole_;
  Node frame_;  // but for runs, expect and live
  Index runs_;
  Index expect_;
  Index live_expect_;
};

}  // namespace elblab::language
