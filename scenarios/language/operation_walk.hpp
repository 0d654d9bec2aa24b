// The balancers of a scenario as operations change them, one after the other.
//
// The tree of the balancers alone is changed, decoded and validated as the file is, once for each
// item and balancer; what it costs is the number of values() each time. Problems stand at the item.
#pragma once

#include <string>
#include <vector>

#include "scenarios/language/operations.hpp"
#include "scenarios/language/tree_difference.hpp"

namespace elblab::language {

class OperationWalk {
 public:
  // As the file has them. r must outlive the walk.
  explicit OperationWalk(Resolution& r);

  // The requests of one item about one balancer; steps for each value that they change.
  std::vector<TimelineStep> apply(std::size_t balancer,
                                  const std::vector<const OperationRequest*>& requests);
  // How many values the balancers consist of: what each operation costs.
  std::size_t values() const;
  // What the hosts serve, all operations taken together.
  const Scenario& scenario() const { return scenario_; }

 private:
  using Requests = std::vector<const OperationRequest*>;

  std::vector<BalancerEntry> decode(Diagnostics& problems) const;
  std::vector<Difference> differences(std::size_t balancer, const std::vector<Node>& written) const;
  bool changes_fixed_protocol(std::size_t balancer, const Difference& found) const;
  bool may_change(std::size_t balancer, const Requests& requests,
                  const std::vector<Difference>& found);
  // The request whose path leads to, or into, what changed.
  const OperationRequest& asking_for(const Requests& requests, const DottedPath& changed) const;
  DottedPath below_balancer(const std::string& path) const;
  void resolve(std::vector<BalancerEntry> entries, Diagnostics& problems);
  // Problems of what the item says stand where it says it; others at its path.
  std::vector<TimelineStep> refuse(const Requests& requests, Diagnostics& problems);
  std::vector<TimelineStep> steps(std::size_t balancer, const Requests& requests,
                                  std::vector<Difference> found);
  Operation describe(std::size_t balancer, const Difference& difference) const;
  // "app/b1", "web", "balancer": what people call it.
  std::string target_of(std::size_t balancer, const DottedPath& path) const;

  Resolution& r_;
  Node tree_;          // of the balancers alone
  Document document_;  // likewise, with the hosts
  Scenario scenario_;
  std::vector<Node> written_;  // the balancers as they stand, with every default
};

}  // namespace elblab::language
