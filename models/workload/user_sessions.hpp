// The sessions that one server keeps for its users: what is lost when a user's next request lands
// elsewhere (the login that a web application remembers on one server).
//
// A server has a user's session if it answered the user's request before. One that did not, or only
// an earlier one, has nothing to go on: the session is lost, and goes on with what this server
// makes of it. So of all requests but the first of each user, the share that is lost is SWITCH.
// About 40 bytes for each user that was ever here.
#pragma once

#include <cstdint>
#include <unordered_map>

namespace elblab::workload {

class UserSessions {
 public:
  enum class Found : std::uint8_t {
    begun,  // the user's first request of all
    kept,
    lost,
  };

  // A request of a user that stands at this step (RequestHeader::session_step). O(1).
  Found note(std::uint32_t user, std::uint8_t step);

 private:
  std::unordered_map<std::uint32_t, std::uint8_t> last_step_;
};

// The step after one that was answered.
constexpr std::uint8_t next_session_step(std::uint8_t step) {
  return step == 255 ? 1 : static_cast<std::uint8_t>(step + 1);
}

}  // namespace elblab::workload
