#include "analysis/diagnosis/user_book.hpp"

namespace elblab::diagnosis {
namespace {

bool was_out(const Observations& seen, const std::string& server, Instant at) {
  const Level* weight = seen.gauge("weight", MeasureScope::server, server);
  if (weight == nullptr) return false;
  const std::size_t column = seen.grid().column_of(at);
  return weight->low[column] == 0 || (column > 0 && weight->low[column - 1] == 0);
}

// The source hash has another server for an address because the one it had takes no connections,
// or because the address's own does so again.
std::string absent_server(const Observations& seen, const SeenSwitch& lost) {
  if (was_out(seen, lost.server_before, lost.at)) return lost.server_before;
  return was_out(seen, lost.server, lost.at - lost.pause) ? lost.server : "";
}

SwitchCause cause_of(const SeenSwitch& lost) {
  if (lost.cause == "stickiness_off") return SwitchCause::stickiness_off;
  if (lost.cause == "address_change") return SwitchCause::address_change;
  if (lost.cause == "bound_server_out") return SwitchCause::bound_server_out;
  if (lost.cause == "stickiness_over") return SwitchCause::stickiness_over;
  return SwitchCause::other;
}

void note_lost(LostSessions& sessions, const SeenSwitch& lost, std::size_t column) {
  ++sessions.count;
  ++sessions.when[column];
  sessions.users.insert(lost.user);
  if (lost.client != lost.client_before) ++sessions.moved;
  ++sessions.servers[lost.server_before];
  sessions.addresses[lost.client].insert(lost.user);
  sessions.shortest_pause = std::min(sessions.shortest_pause, lost.pause);
}

}  // namespace

double UserBook::lost() const {
  double sum = 0;
  for (const LostSessions& sessions : by_cause) sum += sessions.count;
  return sum;
}

UserBook read_users(const Observations& seen) {
  UserBook book;
  const std::uint64_t lost = seen.ended("user_request", "session_lost");
  book.requests = static_cast<double>(lost + seen.ended("user_request", "session_kept"));
  for (LostSessions& sessions : book.by_cause) sessions.when.assign(seen.grid().columns, 0.0);
  if (lost == 0) return book;
  seen.each_lost_session([&](SeenSwitch one) {
    SwitchCause cause = cause_of(one);
    const std::string absent = one.cause == "servers_changed" ? absent_server(seen, one) : "";
    if (!absent.empty()) {
      cause = SwitchCause::bound_server_out;
      one.server_before = absent;
    }
    note_lost(book.by_cause[static_cast<std::size_t>(cause)], one, seen.grid().column_of(one.at));
  });
  return book;
}

}  // namespace elblab::diagnosis
