// Where a server writes down each request of a user: the application's own log, which knows him by
// name and by the connection he came on.
#pragma once

#include "models/net/flow_key.hpp"
#include "models/time/instant.hpp"
#include "models/workload/user_sessions.hpp"

namespace elblab::workload {

class UserLog {
 public:
  virtual ~UserLog() = default;
  // flow: from the peer as the server sees it, which need not be the user, to the server.
  virtual void user_request(std::uint32_t user, UserSessions::Found found, const net::FlowKey& flow,
                            Instant now) = 0;
};

}  // namespace elblab::workload
