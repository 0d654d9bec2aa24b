#include "worlds/user_tally.hpp"

#include <algorithm>

namespace elblab::worlds {

UserTally::UserTally(const language::Scenario& scenario) {
  std::uint32_t users = 0;
  for (const language::WorkloadSpec& workload : scenario.workloads) {
    users += workload.parameters.connections;
    workloads_.push_back({users, {}});
  }
}

void UserTally::note(std::uint32_t user, workload::UserSessions::Found found) {
  const auto whose = std::upper_bound(
      workloads_.begin(), workloads_.end(), user,
      [](std::uint32_t number, const Workload& workload) { return number < workload.end; });
  if (whose == workloads_.end()) return;
  Counts& counts = whose->counts;
  switch (found) {
    case workload::UserSessions::Found::begun:
      ++counts.begun;
      break;
    case workload::UserSessions::Found::kept:
      ++counts.kept;
      break;
    case workload::UserSessions::Found::lost:
      ++counts.lost;
      break;
  }
}

}  // namespace elblab::worlds
