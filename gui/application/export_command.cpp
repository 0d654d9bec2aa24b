#include "gui/application/export_command.hpp"

#include <QCoreApplication>
#include <QEventLoop>
#include <QTimer>
#include <chrono>
#include <cstdio>
#include <memory>

#include "gui/export/view_export.hpp"
#include "gui/views/view_table.hpp"

namespace elblab::gui {
namespace {

constexpr std::chrono::minutes kPatience{5};

int complain(const QString& message, int code) {
  std::fprintf(stderr, "elblab-gui: %s\n", message.toUtf8().constData());
  return code;
}

// Until nothing is under way any more and everything that answers brought about was done.
bool wait_until_settled(const TraceSet& traces) {
  bool in_time = true;
  QEventLoop loop;
  QTimer::singleShot(kPatience, &loop, [&] {
    in_time = false;
    loop.quit();
  });
  QObject::connect(&traces, &TraceSet::settled, &loop, &QEventLoop::quit);
  do {
    if (traces.pending() > 0) loop.exec();
    QCoreApplication::sendPostedEvents();
    QCoreApplication::processEvents();
  } while (in_time && traces.pending() > 0);
  return in_time;
}

}  // namespace

int run_export(const Arguments& arguments) {
  TraceSet traces;
  TraceFocus focus(traces);
  Selection selection;
  for (const QString& file : arguments.traces) traces.open(file.toStdString());
  if (!wait_until_settled(traces)) return complain(QStringLiteral("the trace takes too long"), 4);
  for (const OpenTrace* trace : traces.all()) {
    if (!trace->readable()) return complain(trace->message(), 2);
  }
  if (traces.all().size() > 1) focus.compare_with(traces.all()[1]);
  if (arguments.range) selection.show_range(*arguments.range);
  selection.choose_measures(arguments.measures);

  const std::unique_ptr<View> view(
      make_view(*find_view(arguments.view.toStdString()), ViewContext{focus, selection}, nullptr));
  view->setAttribute(Qt::WA_DontShowOnScreen);
  view->resize(arguments.size);
  view->show();
  if (arguments.connection) {
    selection.choose_connection(ConnectionRef{traces.all().front()->id(), *arguments.connection});
  }
  if (!wait_until_settled(traces)) return complain(QStringLiteral("the view takes too long"), 4);
  const QString nothing = view->empty_text();
  if (!nothing.isEmpty()) return complain(nothing, 2);
  const QString problem = export_view(*view, arguments.size, arguments.out);
  return problem.isEmpty() ? 0 : complain(problem, 4);
}

}  // namespace elblab::gui
