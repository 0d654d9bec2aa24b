// The pages of a long list that were read lately: bounded memory, whatever the length of the list.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <unordered_map>
#include <vector>

#include "analysis/trace/rows.hpp"

namespace elblab::gui {

class ConnectionPages {
 public:
  static constexpr std::size_t kRows = 128;   // of a page
  static constexpr std::size_t kPages = 128;  // kept, those used last

  using Page = std::vector<trace::ConnectionRow>;

  // nullptr: not here. O(1); makes it the one used last.
  const Page* find(std::size_t page);
  // The same without touching the order.
  const Page* peek(std::size_t page) const;
  void put(std::size_t page, Page rows);
  void clear();
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::size_t number = 0;
    Page rows;
  };
  std::list<Entry> entries_;  // used last first
  std::unordered_map<std::size_t, std::list<Entry>::iterator> by_number_;
};

}  // namespace elblab::gui
