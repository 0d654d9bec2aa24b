#include "gui/selection/selection.hpp"

#include <algorithm>

namespace elblab::gui {
namespace {

// Sums and differences of what stands in a file must not overflow.
constexpr Instant kLatest = Instant(Duration::max() / 4);

TimeRange clipped(TimeRange range) {
  range.from = std::clamp(range.from, kStart, kLatest);
  range.to = std::clamp(range.to, kStart, kLatest);
  if (range.length() >= Selection::kShortest) return range;
  const Instant middle = range.from + range.length() / 2;
  range.from = std::max(kStart, middle - Selection::kShortest / 2);
  range.to = range.from + Selection::kShortest;
  return range;
}

// A third of its length on both sides: what led to it and what came of it.
TimeRange with_surroundings(TimeRange range) {
  range.from = std::clamp(range.from, kStart, kLatest);
  range.to = std::clamp(range.to, range.from, kLatest);
  const Duration margin = std::max<Duration>(range.length() / 3, Selection::kShortest);
  return {range.from - std::min<Duration>(margin, range.from - kStart), range.to + margin};
}

}  // namespace

void Selection::show_range(TimeRange range) {
  const std::optional<TimeRange> wanted = clipped(range);
  if (wanted == range_) return;
  range_ = wanted;
  Q_EMIT range_changed();
}

void Selection::show_whole_run() {
  if (!range_) return;
  range_.reset();
  Q_EMIT range_changed();
}

void Selection::choose_measures(std::vector<std::string> measures) {
  if (measures == measures_) return;
  measures_ = std::move(measures);
  Q_EMIT measures_changed();
}

void Selection::choose_connection(std::optional<ConnectionRef> connection) {
  if (connection == connection_) return;
  connection_ = connection;
  Q_EMIT connection_changed();
}

void Selection::point_at(std::optional<Instant> cursor) {
  if (cursor == cursor_) return;
  cursor_ = cursor;
  Q_EMIT cursor_changed();
}

void Selection::show_highlight(const Highlight& highlight) {
  if (highlight_ != highlight) {
    highlight_ = highlight;
    Q_EMIT highlight_changed();
  }
  // A view that heard may have changed the highlight; what was asked for is shown.
  std::vector<std::string> measures = highlight.measures;
  for (const std::string& measure : measures_) {
    if (std::find(measures.begin(), measures.end(), measure) == measures.end()) {
      measures.push_back(measure);
    }
  }
  if (!highlight.measures.empty()) choose_measures(std::move(measures));
  if (highlight.range && highlight.range->to == kNever) {
    show_whole_run();
  } else if (highlight.range) {
    show_range(with_surroundings(*highlight.range));
  }
  if (!highlight.connections.empty()) {
    choose_connection(ConnectionRef{highlight.trace, highlight.connections.front()});
  }
}

void Selection::clear_highlight() {
  if (!highlight_) return;
  highlight_.reset();
  Q_EMIT highlight_changed();
}

}  // namespace elblab::gui
