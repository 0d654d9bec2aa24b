#include "models/workload/user_sessions.hpp"

namespace elblab::workload {

// The same step again is a request whose answer did not arrive.
UserSessions::Found UserSessions::note(std::uint32_t user, std::uint8_t step) {
  const auto [at, is_new] = last_step_.try_emplace(user, step);
  const std::uint8_t last = at->second;
  at->second = step;
  if (step == 0) return Found::begun;
  if (is_new) return Found::lost;
  return step == last || step == next_session_step(last) ? Found::kept : Found::lost;
}

}  // namespace elblab::workload
