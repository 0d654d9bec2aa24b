// The traces that are open, in the order of opening. Owns them.
#pragma once

#include <QObject>
#include <filesystem>
#include <vector>

#include "gui/traces/open_trace.hpp"

namespace elblab::gui {

class TraceSet : public QObject {
  Q_OBJECT

 public:
  using QObject::QObject;
  ~TraceSet() override;

  // The trace of this file; the one that is open already, if it is. Whether it can be read is told
  // by its changed().
  OpenTrace* open(const std::filesystem::path& path);
  // Views let go of it on closing(); it goes away when its threads are idle.
  void close(OpenTrace* trace);

  const std::vector<OpenTrace*>& all() const { return traces_; }
  OpenTrace* find(int id) const;  // nullptr: not open (any more)
  // Questions to any of them without an answer yet; closed ones do not count.
  int pending() const;

 Q_SIGNALS:
  void opened(elblab::gui::OpenTrace* trace);
  void closing(elblab::gui::OpenTrace* trace);
  void changed(elblab::gui::OpenTrace* trace);
  void settled();  // pending() has become 0

 private:
  std::vector<OpenTrace*> traces_;  // children of this
  int last_id_ = 0;
};

}  // namespace elblab::gui
