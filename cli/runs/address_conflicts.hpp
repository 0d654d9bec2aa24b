// Which jobs of a plan must not go on at the same time: live runs that share a client address, as
// they would share their ports (client_networks.hpp). Those are the seeds and repetitions of one
// run, runs whose scenarios name the same addresses, and runs for which no network was left.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "cli/runs/run_plan.hpp"

namespace elblab::cli {

class AddressConflicts {
 public:
  explicit AddressConflicts(const RunPlan& plan);
  AddressConflicts(const AddressConflicts&) = delete;
  AddressConflicts& operator=(const AddressConflicts&) = delete;

  // a, b: indices into the plan's jobs. O(addresses) for live jobs of different runs.
  bool between(std::size_t a, std::size_t b) const;

 private:
  using Run = std::pair<std::size_t, std::size_t>;  // scenario and run, as in a job

  std::map<Run, std::vector<net::IpAddress>> used_;         // of live runs, sorted
  std::vector<const std::vector<net::IpAddress>*> by_job_;  // nullptr: not live
};

}  // namespace elblab::cli
