#include "gui/export/view_export.hpp"

#include <QFileInfo>
#include <QImage>
#include <QPainter>
#include <QSaveFile>
#include <QSvgGenerator>

namespace elblab::gui {
namespace {

void paint_png(View& view, QSize size, QSaveFile& out) {
  QImage image(size, QImage::Format_RGB32);
  image.fill(view.palette().color(QPalette::Window));
  QPainter painter(&image);
  painter.setRenderHint(QPainter::TextAntialiasing);
  view.paint(painter, size);
  painter.end();
  image.save(&out, "PNG");
}

void paint_svg(View& view, QSize size, QSaveFile& out) {
  QSvgGenerator generator;
  generator.setOutputDevice(&out);
  generator.setSize(size);
  generator.setViewBox(QRect(QPoint(0, 0), size));
  generator.setTitle(view.objectName());
  QPainter painter(&generator);
  view.paint(painter, size);
}

}  // namespace

QString export_filters() {
  return QObject::tr("PNG picture (*.png);;SVG picture (*.svg);;Numbers as CSV (*.csv)");
}

QString export_view(View& view, QSize size, const QString& file) {
  const QString format = QFileInfo(file).suffix().toLower();
  const bool csv = format == QStringLiteral("csv");
  const bool svg = format == QStringLiteral("svg");
  if (!csv && !svg && format != QStringLiteral("png")) {
    return QObject::tr("cannot tell the format of '%1': let its name end in .png, .svg or .csv")
        .arg(file);
  }
  const DataTable table = csv ? view.table() : DataTable{};
  if (csv && table.columns.isEmpty()) {
    return QObject::tr("the view '%1' has no numbers of its own; export it as .png or .svg")
        .arg(view.objectName());
  }
  QSaveFile out(file);
  if (!out.open(QIODevice::WriteOnly)) {
    return QObject::tr("cannot write '%1': %2").arg(file, out.errorString());
  }
  if (csv) {
    out.write(csv_of(table).toUtf8());
  } else if (svg) {
    paint_svg(view, size, out);
  } else {
    paint_png(view, size, out);
  }
  if (out.commit()) return {};
  return QObject::tr("cannot write '%1': %2").arg(file, out.errorString());
}

}  // namespace elblab::gui
