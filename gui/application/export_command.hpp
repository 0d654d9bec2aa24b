// elblab-gui --export VIEW -o FILE: a view into a file, without a window.
#pragma once

#include "gui/application/arguments.hpp"

class QApplication;

namespace elblab::gui {

// Opens the traces (the second is laid over the first), waits until the view shows what it was
// asked to, and writes; of the view `window` a PNG of the whole window. The exit code: 0 written, 2
// a trace cannot be read or shows nothing of this, 4 the file cannot be written. Messages go to
// stderr.
int run_export(QApplication& application, const Arguments& arguments);

}  // namespace elblab::gui
