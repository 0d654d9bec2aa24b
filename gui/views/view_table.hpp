// Every view by name: what --export, the View menu and arrangements know. Adding a view is adding a
// row in view_table.cpp.
#pragma once

#include <span>
#include <string_view>

#include "gui/views/view.hpp"

namespace elblab::gui {

enum class ViewPlace : unsigned char {
  over_time,  // middle, one above the other: their time axes are linked
  details,    // below them, in tabs
  side,       // right
};

struct ViewEntry {
  const char* name;      // on the command line and in arrangements; never renamed
  const char* title;     // of its tab and menu entry
  const char* tip;       // one sentence: what it answers
  const char* shortcut;  // brings it to the front; "" for none
  ViewPlace place;
  bool shown_at_first;
  View* (*make)(ViewContext context, QWidget* parent);
};

std::span<const ViewEntry> view_table();
const ViewEntry* find_view(std::string_view name);  // nullptr: none of this name

// Makes and starts it.
View* make_view(const ViewEntry& entry, ViewContext context, QWidget* parent);

}  // namespace elblab::gui
