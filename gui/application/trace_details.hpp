// What is known of a run, as a page: title, how it ran, what was expected of it and what it showed.
#pragma once

#include <QString>

#include "gui/theme/theme.hpp"
#include "gui/traces/open_trace.hpp"

namespace elblab::gui {

// HTML as Qt's text widgets take it; everything that comes from the file is escaped.
QString details_page(const OpenTrace& trace, const Theme& theme);

}  // namespace elblab::gui
