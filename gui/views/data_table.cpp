#include "gui/views/data_table.hpp"

namespace elblab::gui {
namespace {

QString field(QString text) {
  const bool quoted =
      text.contains(u',') || text.contains(u'"') || text.contains(u'\n') || text.contains(u'\r');
  if (!quoted) return text;
  return u'"' + text.replace(u'"', QStringLiteral("\"\"")) + u'"';
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
