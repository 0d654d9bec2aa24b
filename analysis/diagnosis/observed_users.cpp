// The part of Observations that reads servers' logs of their users.
#include "analysis/diagnosis/observations.hpp"
#include "analysis/trace/query.hpp"

namespace elblab::diagnosis {

void Observations::each_lost_session(const TakeSwitch& take) const {
  trace::Query rows = trace_.query(
      "SELECT user, at_s, since_s, server, server_before, client, client_before, cause "
      "FROM user_requests WHERE result = 'session_lost'");
  while (rows.next()) {
    const auto row = rows.row();
    SeenSwitch lost;
    lost.user = static_cast<std::uint32_t>(trace::to_integer(row[0]));
    lost.at = Instant(from_seconds(trace::to_real(row[1])));
    lost.pause = from_seconds(trace::to_real(row[2]));
    lost.server = trace::to_text(row[3]);
    lost.server_before = trace::to_text(row[4]);
    lost.client = trace::to_text(row[5]);
    lost.client_before = trace::to_text(row[6]);
    lost.cause = trace::to_text(row[7]);
    take(lost);
  }
  trace_.noted(!rows.problem());
}

}  // namespace elblab::diagnosis
