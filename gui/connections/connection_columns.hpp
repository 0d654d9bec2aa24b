// The columns of the list of connections: what stands in them, and what the trace orders by.
#pragma once

#include <QString>
#include <span>

#include "analysis/trace/connection_query.hpp"
#include "analysis/trace/rows.hpp"

namespace elblab::gui {

struct ConnectionColumnInfo {
  const char* title;
  const char* tip;
  trace::ConnectionColumn order;
  int width;  // in characters
  bool number;
  QString (*text)(const trace::ConnectionRow& row);
};

std::span<const ConnectionColumnInfo> connection_columns();

// Ended otherwise than by the will of its ends.
bool ended_badly(const trace::ConnectionRow& row);

}  // namespace elblab::gui
