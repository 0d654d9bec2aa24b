#include "gui/timeline/marker_query.hpp"

#include <fmt/format.h>

namespace elblab::gui {
namespace {

std::string sql() {
  return fmt::format(
      "WITH wanted AS (SELECT c.id, k.name AS kind, ifnull(o.name, '') AS object"
      " FROM event_classes c JOIN event_kinds k ON k.id = c.kind"
      " LEFT JOIN objects o ON o.id = c.object"
      " WHERE k.name IN ('configuration_changed', 'fault_injected'))"
      " SELECT at_ns, kind, object, value FROM ("
      " SELECT e.at_ns, w.kind, w.object, e.value FROM wanted w"
      " CROSS JOIN event_blocks b ON b.class = w.id"
      " CROSS JOIN events e ON e.id BETWEEN b.first_id AND b.last_id AND +e.class = b.class"
      " UNION ALL SELECT e.at_ns, w.kind, w.object, e.value FROM events e"
      " JOIN wanted w ON w.id = e.class"
      " WHERE e.id > (SELECT ifnull(max(last_id), 0) FROM event_blocks))"
      " ORDER BY at_ns LIMIT {}",
      kMostMarkers);
}

}  // namespace

std::vector<Marker> read_markers(const trace::Reader& trace,
                                 const std::vector<std::string>& timeline,
                                 const CancelFlag& cancel) {
  std::vector<Marker> markers;
  auto rows = trace.query(sql(), cancel.stop());
  while (rows.next()) {
    const auto row = rows.row();
    const auto place = static_cast<std::size_t>(trace::to_integer(row[3]));
    Marker marker;
    marker.at = Instant(Duration(trace::to_integer(row[0])));
    marker.fault = trace::to_text(row[1]) == "fault_injected";
    marker.text =
        QString::fromStdString(place < timeline.size() ? timeline[place] : trace::to_text(row[2]));
    markers.push_back(std::move(marker));
  }
  return markers;
}

}  // namespace elblab::gui
