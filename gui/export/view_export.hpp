// A view as a file: a picture (PNG, SVG) or the numbers behind it (CSV).
//
// Files are written whole or not at all: what stood there stays when writing fails.
#pragma once

#include <QSize>
#include <QString>

#include "gui/views/view.hpp"

namespace elblab::gui {

// "PNG picture (*.png);;…", for a file dialog.
QString export_filters();
// Empty: written. Otherwise what is wrong and what to do. The end of the name says the format;
// `size` is that of the picture in pixels.
QString export_view(View& view, QSize size, const QString& file);

}  // namespace elblab::gui
