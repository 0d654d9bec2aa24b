#include "gui/application/export_command.hpp"

#include <QApplication>
#include <QEventLoop>
#include <QTimer>
#include <chrono>
#include <cstdio>
#include <memory>

#include "analysis/export/safe_text.hpp"
#include "gui/application/main_window.hpp"
#include "gui/export/view_export.hpp"
#include "gui/views/view_table.hpp"

namespace elblab::gui {
namespace {

constexpr std::chrono::minutes kPatience{5};
const QString kTooLong = QStringLiteral("reading the trace took longer than five minutes");

int complain(const QString& message, int code) {
  // A terminal reads it, and names come from files.
  std::fprintf(stderr, "elblab-gui: %s\n", exports::safe_text(message.toStdString()).c_str());
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

// The first trace that cannot be read, as an exit code; 0: all can.
int complain_about(const TraceSet& traces) {
  for (const OpenTrace* trace : traces.all()) {
    if (!trace->readable()) return complain(trace->message(), 2);
  }
  return 0;
}

int export_window(QApplication& application, const Arguments& arguments) {
  Arguments shown = arguments;
  shown.theme = arguments.theme.value_or(Tone::light);
  shown.size_given = true;
  MainWindow window(application, shown);
  window.resize(arguments.size);
  window.show();
  if (!wait_until_settled(window.traces())) return complain(kTooLong, 4);
  if (const int code = complain_about(window.traces()); code != 0) return code;
  if (window.traces().all().size() > 1) window.focus().compare_with(window.traces().all()[1]);
  if (!wait_until_settled(window.traces())) return complain(kTooLong, 4);
  if (window.grab().save(arguments.out, "PNG")) return 0;
  return complain(QStringLiteral("cannot write '%1' as PNG").arg(arguments.out), 4);
}

}  // namespace

int run_export(QApplication& application, const Arguments& arguments) {
  if (arguments.exports_window()) return export_window(application, arguments);
  TraceSet traces;
  TraceFocus focus(traces);
  Selection selection;
  for (const QString& file : arguments.traces) traces.open(file.toStdString());
  if (!wait_until_settled(traces)) return complain(kTooLong, 4);
  if (const int code = complain_about(traces); code != 0) return code;
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
  if (!wait_until_settled(traces)) return complain(kTooLong, 4);
  const QString nothing = view->empty_text();
  if (!nothing.isEmpty()) return complain(nothing, 2);
  const QString problem = export_view(*view, arguments.size, arguments.out);
  return problem.isEmpty() ? 0 : complain(problem, 4);
}

}  // namespace elblab::gui
