// A view over open traces, as the window would show it, and a way to wait until it shows what it
// was asked to.
#pragma once

#include <QSignalSpy>
#include <QTest>
#include <filesystem>
#include <memory>
#include <vector>

#include "gui/views/view_table.hpp"

namespace elblab::gui::test {

class Shown {
 public:
  explicit Shown(const char* name, const std::vector<std::filesystem::path>& paths = {},
                 QSize size = {760, 420}) {
    view.reset(make_view(*find_view(name), {focus, selection}, nullptr));
    view->resize(size);
    view->show();
    for (const auto& path : paths) traces.open(path);
    settle();
    if (traces.all().size() > 1) focus.compare_with(traces.all()[1]);
    settle();
  }

  // Until no question is under way, and what the answers led to was done.
  void settle() {
    QVERIFY(QTest::qWaitFor([this] {
      QCoreApplication::processEvents();
      return traces.pending() == 0;
    }));
    QCoreApplication::processEvents();
    QVERIFY(QTest::qWaitFor([this] { return traces.pending() == 0; }));
  }

  template <class Made>
  Made& as() {
    return static_cast<Made&>(*view);
  }

  TraceSet traces;
  TraceFocus focus{traces};
  Selection selection;
  std::unique_ptr<View> view;
};

}  // namespace elblab::gui::test
