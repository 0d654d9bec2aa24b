// What became of the sessions of each workload's users, whichever server they came to.
#pragma once

#include <cstdint>
#include <vector>

#include "models/workload/user_sessions.hpp"
#include "scenarios/language/scenario.hpp"

namespace elblab::worlds {

class UserTally {
 public:
  struct Counts {
    std::uint64_t begun = 0;
    std::uint64_t kept = 0;
    std::uint64_t lost = 0;
  };
  // Users are numbered through all workloads of the scenario, in its order (client_group.hpp).
  explicit UserTally(const language::Scenario& scenario);

  // O(log workloads). A number that no workload has is nobody's.
  void note(std::uint32_t user, workload::UserSessions::Found found);
  // By index of the scenario's workloads.
  const Counts& of(std::size_t workload) const { return workloads_[workload].counts; }

 private:
  struct Workload {
    std::uint32_t end = 0;  // after its last user
    Counts counts;
  };
  std::vector<Workload> workloads_;
};

}  // namespace elblab::worlds
