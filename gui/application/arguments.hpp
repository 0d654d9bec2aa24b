// The command line of elblab-gui.
#pragma once

#include <QSize>
#include <QString>
#include <QStringList>
#include <optional>
#include <string>
#include <vector>

#include "gui/selection/selection.hpp"
#include "gui/theme/theme.hpp"

namespace elblab::gui {

struct Arguments {
  QStringList traces;  // files; an arrangement (.elbview) opens its own
  // With --export: one view into a file, without a window.
  QString view;
  QString out;
  QSize size{1200, 800};
  bool size_given = false;
  std::optional<Tone> theme;
  std::optional<TimeRange> range;
  std::vector<std::string> measures;
  std::optional<std::uint64_t> connection;

  bool exports() const { return !view.isEmpty(); }
  // The whole window, as a picture of the program.
  bool exports_window() const { return view == QStringLiteral("window"); }
};

struct ParsedArguments {
  std::optional<Arguments> arguments;
  // Else: what to print, and the exit code; 0 for help and version.
  QString message;
  int code = 2;
};

ParsedArguments parse_arguments(const QStringList& words);
// Whether the words ask for what needs no screen: --export, --help, --version. Asked before there
// is an application to parse with.
bool needs_no_screen(int argc, char** argv);

}  // namespace elblab::gui
