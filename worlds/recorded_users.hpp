// The log of a host's servers: events of the trace (EventKind::user_request), and a tally.
#pragma once

#include "models/telemetry/recorder.hpp"
#include "models/workload/user_log.hpp"
#include "worlds/user_tally.hpp"

namespace elblab::worlds {

class RecordedUsers final : public workload::UserLog {
 public:
  // Recorder and tally must outlive it. object: the host.
  RecordedUsers(telemetry::Recorder& recorder, telemetry::ObjectId object, UserTally& tally)
      : recorder_(recorder), object_(object), tally_(tally) {}

  void user_request(std::uint32_t user, workload::UserSessions::Found found,
                    const net::FlowKey& flow, Instant now) override;

 private:
  telemetry::Recorder& recorder_;
  telemetry::ObjectId object_;
  UserTally& tally_;
};

}  // namespace elblab::worlds
