#include "cli/runs/address_conflicts.hpp"

#include "cli/runs/client_networks.hpp"

namespace elblab::cli {
namespace {

// Of two sorted lists.
bool meet(const std::vector<net::IpAddress>& a, const std::vector<net::IpAddress>& b) {
  auto at = a.begin();
  auto other = b.begin();
  while (at != a.end() && other != b.end()) {
    if (*at == *other) return true;
    if (*at < *other) {
      ++at;
    } else {
      ++other;
    }
  }
  return false;
}

}  // namespace

AddressConflicts::AddressConflicts(const RunPlan& plan) {
  for (const Job& job : plan.jobs) {
    if (job.world != World::live) {
      by_job_.push_back(nullptr);
      continue;
    }
    const auto [at, is_new] = used_.try_emplace(Run(job.scenario, job.run));
    if (is_new) at->second = client_addresses(plan.scenario_of(job));
    by_job_.push_back(&at->second);
  }
}

bool AddressConflicts::between(std::size_t a, std::size_t b) const {
  const auto* const one = by_job_[a];
  const auto* const other = by_job_[b];
  if (one == nullptr || other == nullptr) return false;
  return one == other || meet(*one, *other);
}

}  // namespace elblab::cli
