// Which of the open traces a group of views shows: one, or one with another laid over it.
//
// Side by side, each side has a focus of its own. Follows the TraceSet: a trace that is closed
// leaves the focus, and the first one opened enters an empty one.
#pragma once

#include <QObject>
#include <vector>

#include "gui/traces/trace_set.hpp"

namespace elblab::gui {

class TraceFocus : public QObject {
  Q_OBJECT

 public:
  explicit TraceFocus(TraceSet& traces, QObject* parent = nullptr);

  TraceSet& traces() const { return traces_; }
  OpenTrace* current() const { return current_; }    // nullptr: none is open
  OpenTrace* compared() const { return compared_; }  // laid over; nullptr: none, never current()
  // Those of the two that exist and can be read, current first.
  std::vector<OpenTrace*> readable() const;

  void choose(OpenTrace* current);
  void compare_with(OpenTrace* compared);

 Q_SIGNALS:
  void chosen();   // current() or compared() is another trace
  void changed();  // so, or one of the two changed (state, facts, growth, verdict)

 private:
  void set(OpenTrace* current, OpenTrace* compared);

  TraceSet& traces_;
  OpenTrace* current_ = nullptr;
  OpenTrace* compared_ = nullptr;
};

}  // namespace elblab::gui
