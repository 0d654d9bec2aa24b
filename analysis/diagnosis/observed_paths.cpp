// The part of Observations that tells where flows of datagrams came from.
#include "analysis/diagnosis/observations.hpp"
#include "analysis/trace/query.hpp"

namespace elblab::diagnosis {

void Observations::each_new_path(const TakePath& take) const {
  trace::Query rows = trace_.query(
      "SELECT peer, min(opened_s) FROM connections_view WHERE role = 'session' AND protocol = "
      "'udp' AND peer IS NOT NULL GROUP BY source, destination");
  while (rows.next()) {
    const auto row = rows.row();
    take(trace::to_text(row[0]), Instant(from_seconds(trace::to_real(row[1]))));
  }
  trace_.noted(!rows.problem());
}

}  // namespace elblab::diagnosis
