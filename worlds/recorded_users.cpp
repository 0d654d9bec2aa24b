#include "worlds/recorded_users.hpp"

namespace elblab::worlds {
namespace {

using telemetry::Reason;
using Found = workload::UserSessions::Found;

Reason reason_of(Found found) {
  switch (found) {
    case Found::begun:
      return Reason::session_begun;
    case Found::kept:
      return Reason::session_kept;
    case Found::lost:
      break;
  }
  return Reason::session_lost;
}

}  // namespace

void RecordedUsers::user_request(std::uint32_t user, Found found, const net::FlowKey& flow,
                                 Instant now) {
  telemetry::Event event;
  event.at = now;
  event.kind = telemetry::EventKind::user_request;
  event.reason = reason_of(found);
  event.object = object_;
  event.flow = flow;
  event.value = user;
  recorder_.record(event);
  tally_.note(user, found);
}

}  // namespace elblab::worlds
