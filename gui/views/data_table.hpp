// What a view shows as rows, for CSV files.
#pragma once

#include <QString>
#include <QStringList>
#include <vector>

namespace elblab::gui {

struct DataTable {
  QStringList columns;  // with units: "response (ms)"
  std::vector<QStringList> rows;
};

// RFC 4180: fields with a comma, a quote or a line break are quoted, lines end with CR LF.
QString csv_of(const DataTable& table);

}  // namespace elblab::gui
