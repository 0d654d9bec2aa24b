#include "gui/views/view_table.hpp"

#include <algorithm>
#include <array>

#include "gui/connections/connections_view.hpp"
#include "gui/connections/ladder_view.hpp"
#include "gui/diagnosis/diagnosis_view.hpp"
#include "gui/distribution/distribution_view.hpp"
#include "gui/distribution/heatmap_view.hpp"
#include "gui/distribution/latency_view.hpp"
#include "gui/distribution/occupancy_view.hpp"
#include "gui/overview/overview_view.hpp"
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
    ViewEntry{"overview", "Overview", "One run on one page: verdict, what went wrong, totals",
              "Ctrl+2", ViewPlace::details, true, &make<OverviewView>},
    ViewEntry{"distribution", "Distribution",
              "Shares per server, expected beside actual, and per client", "Ctrl+3",
              ViewPlace::details, true, &make<DistributionView>},
    ViewEntry{"heatmap", "Heat map", "Which client had how much from which server", "Ctrl+4",
              ViewPlace::details, true, &make<HeatmapView>},
    ViewEntry{"occupancy", "Occupancy",
              "Ports, TIME_WAIT, queues, CPU and bandwidth against their limits", "Ctrl+5",
              ViewPlace::details, true, &make<OccupancyView>},
    ViewEntry{"latency", "Latency", "How long responses took, as a distribution and as quantiles",
              "Ctrl+6", ViewPlace::details, true, &make<LatencyView>},
    ViewEntry{"connections", "Connections",
              "Every connection, filtered and sorted: who, when, how it ended", "Ctrl+7",
              ViewPlace::details, true, &make<ConnectionsView>},
    ViewEntry{"ladder", "Ladder", "The packets of one connection, across everyone on its path",
              "Ctrl+8", ViewPlace::details, true, &make<LadderView>},
    ViewEntry{"diagnosis", "Diagnosis", "What is wrong, why, what shows it and what helps",
              "Ctrl+9", ViewPlace::side, true, &make<DiagnosisView>},
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
