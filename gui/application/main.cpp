// elblab-gui: look at what runs recorded.
#include <QApplication>
#include <cstdio>

#include "gui/application/arguments.hpp"
#include "gui/application/export_command.hpp"
#include "gui/application/main_window.hpp"

int main(int argc, char** argv) {
  using namespace elblab::gui;  // NOLINT: a program of its own
  const auto unset = [](const char* name) { return qEnvironmentVariableIsEmpty(name); };
  if (needs_no_screen(argc, argv)) {
    if (unset("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
    // What Qt says of missing screens; our own messages still come.
    if (unset("QT_LOGGING_RULES")) qputenv("QT_LOGGING_RULES", "default.warning=false");
  }
  // Qt would abort, and leave the reader alone with the names of its plugins.
  if (unset("QT_QPA_PLATFORM") && unset("DISPLAY") && unset("WAYLAND_DISPLAY")) {
    std::fputs(
        "elblab-gui: there is no screen here (neither DISPLAY nor WAYLAND_DISPLAY is set); log in "
        "with `ssh -X`, or write a view into a file: elblab-gui trace.db --export timeseries -o "
        "timeseries.png\n",
        stderr);
    return 4;
  }
  QApplication application(argc, argv);
  QApplication::setOrganizationName(QStringLiteral("elblab"));
  QApplication::setApplicationName(QStringLiteral("elblab-gui"));
  QApplication::setApplicationVersion(QStringLiteral(ELBLAB_VERSION));
  const ParsedArguments parsed = parse_arguments(QApplication::arguments());
  if (!parsed.arguments) {
    std::fputs(parsed.message.toUtf8().constData(), parsed.code == 0 ? stdout : stderr);
    return parsed.code;
  }
  const Arguments& arguments = *parsed.arguments;
  if (arguments.exports()) {
    // What a person set up for the window stays as it is.
    QApplication::setApplicationName(QStringLiteral("elblab-gui-export"));
    apply_theme(application, arguments.theme.value_or(Tone::light));
    return run_export(application, arguments);
  }
  MainWindow window(application, arguments);
  window.show();
  return QApplication::exec();
}
