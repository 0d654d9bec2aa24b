#include "gui/views/view_table.hpp"

#include <algorithm>
#include <array>

#include "gui/connections/connections_view.hpp"
#include "gui/connections/ladder_view.hpp"
#include "gui/diagnosis/diagnosis_view.hpp"
#include "gui/timeline/timeline_view.hpp"

namespace elblab::gui {
namespace {

template <class Made>
View* make(ViewContext context, QWidget* parent) {
  return new Made(context, parent);
}

// In the order of menus and tabs.
constexpr std::array kViews{
    ViewEntry{"timeseries", "Time series", "Any measures over time, with limits and events",
              "Ctrl+1", ViewPlace::over_time, true, &make<TimelineView>},
    ViewEntry{"connections", "Connections",
              "Every connection, filtered and sorted: who, when, how it ended", "Ctrl+7",
              ViewPlace::details, true, &make<ConnectionsView>},
    ViewEntry{"ladder", "Ladder",
              "The packets of one connection across client, balancer and server", "Ctrl+8",
              ViewPlace::details, true, &make<LadderView>},
    ViewEntry{"diagnosis", "Diagnosis", "What is wrong, why, what shows it and what helps", "Ctrl+9",
              ViewPlace::side, true, &make<DiagnosisView>},
};

}  // namespace

std::span<const ViewEntry> view_table() { return kViews; }

const ViewEntry* find_view(std::string_view name) {
  const auto found = std::find_if(kViews.begin(), kViews.end(),
                                  [&](const ViewEntry& entry) { return entry.name == name; });
  return found == kViews.end() ? nullptr : &*found;
}

View* make_view(const ViewEntry& entry, ViewContext context, QWidget* parent) {
  View* view = entry.make(context, parent);
  view->setObjectName(QString::fromUtf8(entry.name));
  view->start();
  return view;
}

}  // namespace elblab::gui
