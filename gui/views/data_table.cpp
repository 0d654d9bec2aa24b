#include "gui/views/data_table.hpp"

#include "analysis/export/csv.hpp"

namespace elblab::gui {
namespace {

// With the guards of every CSV file of the program.
QString field(const QString& text) {
  return QString::fromStdString(exports::csv_field(text.toStdString()));
}

void append_line(QString& csv, const QStringList& fields) {
  for (qsizetype i = 0; i < fields.size(); ++i) {
    if (i > 0) csv += u',';
    csv += field(fields[i]);
  }
  csv += QStringLiteral("\r\n");
}

}  // namespace

QString csv_of(const DataTable& table) {
  QString csv;
  append_line(csv, table.columns);
  for (const QStringList& row : table.rows) append_line(csv, row);
  return csv;
}

}  // namespace elblab::gui
