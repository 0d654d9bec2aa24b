// All that is known of one hop of a ladder, in words and as a row of a table.
#pragma once

#include <QString>
#include <QStringList>

#include "gui/connections/ladder.hpp"

namespace elblab::gui {

// Several lines of plain text.
QString hop_details(const Ladder& ladder, const LadderHop& hop);

QStringList hop_columns();
QStringList hop_row(const Ladder& ladder, const LadderHop& hop);

}  // namespace elblab::gui
