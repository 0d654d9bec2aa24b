#include "gui/connections/connection_pages.hpp"

#include <utility>

namespace elblab::gui {

const ConnectionPages::Page* ConnectionPages::find(std::size_t page) {
  const auto entry = by_number_.find(page);
  if (entry == by_number_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, entry->second);
  return &entry->second->rows;
}

const ConnectionPages::Page* ConnectionPages::peek(std::size_t page) const {
  const auto entry = by_number_.find(page);
  return entry == by_number_.end() ? nullptr : &entry->second->rows;
}

void ConnectionPages::put(std::size_t page, Page rows) {
  if (const auto entry = by_number_.find(page); entry != by_number_.end()) {
    entry->second->rows = std::move(rows);
    return;
  }
  entries_.push_front({page, std::move(rows)});
  by_number_[page] = entries_.begin();
  if (entries_.size() <= kPages) return;
  by_number_.erase(entries_.back().number);
  entries_.pop_back();
}

void ConnectionPages::clear() {
  entries_.clear();
  by_number_.clear();
}

}  // namespace elblab::gui
