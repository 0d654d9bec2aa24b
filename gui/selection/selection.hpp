// What all views look at: one stretch of time, some measures, one connection, one piece of
// evidence. Views change it and hear of every change, their own included; that links them.
//
// A change to what already stands there makes no signal, so views may answer a signal by setting
// what they heard without going round in circles. GUI thread only.
#pragma once

#include <QObject>
#include <QString>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/time/instant.hpp"

namespace elblab::gui {

// from <= t < to
struct TimeRange {
  Instant from = kStart;
  Instant to = kStart;
  Duration length() const { return to - from; }
  bool operator==(const TimeRange&) const = default;
};

struct ConnectionRef {
  int trace = 0;         // OpenTrace::id()
  std::uint64_t id = 0;  // of the trace's table `connections`
  bool operator==(const ConnectionRef&) const = default;
};

// A piece of evidence that the views point at.
struct Highlight {
  QString text;
  std::optional<TimeRange> range;     // to == kNever: to the end, the whole run is shown
  std::vector<std::string> measures;  // "time_wait(c1)"
  int trace = 0;                      // OpenTrace::id() of its connections
  std::vector<std::uint64_t> connections;
  bool operator==(const Highlight&) const = default;
};

class Selection : public QObject {
  Q_OBJECT

 public:
  // Shorter stretches cannot be shown: where a wheel stops.
  static constexpr Duration kShortest = std::chrono::microseconds(10);

  using QObject::QObject;

  // The stretch of time on every time axis; empty: the whole run.
  const std::optional<TimeRange>& range() const { return range_; }
  // Clipped to start at 0 at the earliest; too short a range is widened about its middle.
  void show_range(TimeRange range);
  void show_whole_run();

  // The curves of the time series, "time_wait(c1)", in order; empty: the view chooses.
  const std::vector<std::string>& measures() const { return measures_; }
  void choose_measures(std::vector<std::string> measures);

  const std::optional<ConnectionRef>& connection() const { return connection_; }
  void choose_connection(std::optional<ConnectionRef> connection);

  // Where the mouse stands on a time axis.
  const std::optional<Instant>& cursor() const { return cursor_; }
  void point_at(std::optional<Instant> cursor);

  // Shows it everywhere: its range with some time around it, its measures in front of those chosen,
  // its first connection.
  const std::optional<Highlight>& highlight() const { return highlight_; }
  void show_highlight(const Highlight& highlight);
  void clear_highlight();

 Q_SIGNALS:
  void range_changed();
  void measures_changed();
  void connection_changed();
  void cursor_changed();
  void highlight_changed();

 private:
  std::optional<TimeRange> range_;
  std::vector<std::string> measures_;
  std::optional<ConnectionRef> connection_;
  std::optional<Instant> cursor_;
  std::optional<Highlight> highlight_;
};

}  // namespace elblab::gui
