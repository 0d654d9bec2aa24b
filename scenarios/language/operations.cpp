#include "scenarios/language/operations.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "scenarios/language/changeable_fields.hpp"
#include "scenarios/language/group_members.hpp"
#include "scenarios/language/name_expansion.hpp"
#include "scenarios/language/operation_walk.hpp"
#include "scenarios/language/quantities.hpp"
#include "scenarios/language/suggestion.hpp"

namespace elblab::language {
namespace {

// Which balancer a path is of; an error where it is of none.
std::optional<std::size_t> balancer_of(Resolution& r, const OperationRequest& request) {
  const DottedPath path = segments_of(request.path);
  const bool single = r.document.balancer.has_value();
  std::vector<std::string> known;
  for (const BalancerEntry& each : r.document.all_balancers()) {
    known.push_back(single ? "balancer" : "balancers." + each.name);
  }
  const std::size_t own = single ? 1 : 2;
  const std::string head = joined(DottedPath(
      path.begin(), path.begin() + static_cast<std::ptrdiff_t>(std::min(own, path.size()))));
  const auto at = std::find(known.begin(), known.end(), head);
  if (at != known.end() && path.size() > own) return static_cast<std::size_t>(at - known.begin());
  if (at != known.end()) {
    r.diagnostics.error(request.path_place,
                        fmt::format("'{}' cannot change as a whole at run time; {}", request.path,
                                    kChangeableText));
    return std::nullopt;
  }
  std::string meant = nearest(head, known);
  if (meant.empty() && !single && path.front() == "balancer") meant = known.front();
  if (meant.empty() && single && path.front() == "balancers") meant = known.front();
  r.diagnostics.error(
      request.path_place,
      fmt::format("'{}' is no part of a balancer: an operator changes what is below {}",
                  request.path, fmt::join(known, " or ")),
      did_you_mean(meant));
  return std::nullopt;
}

// What one item asks of one balancer, which is checked together.
struct Batch {
  Instant at;  // when it holds
  std::size_t balancer = 0;
  std::vector<const OperationRequest*> requests;
};

void check_time(Resolution& r, const OperationRequest& request, Duration delay) {
  const Duration asked = r.document.timeline[request.item].at;
  if (asked > r.scenario.duration || asked + delay <= r.scenario.duration) return;
  r.diagnostics.error(r.place({"timeline", fmt::format("{}", request.item), "at"}),
                      fmt::format("it would take effect {} later, after the end of the run",
                                  format_duration(delay)));
}

// In the order in which they hold.
std::vector<Batch> batches_of(Resolution& r, const std::vector<OperationRequest>& requests) {
  std::vector<Batch> batches;
  for (const OperationRequest& each : requests) {
    const auto balancer = balancer_of(r, each);
    if (!balancer) continue;
    const Duration delay =
        each.at_once ? Duration(0)
                     : config::effective_propagation_delay(r.scenario.balancers[*balancer]);
    const bool same = !batches.empty() && batches.back().balancer == *balancer &&
                      batches.back().requests.front()->item == each.item;
    if (!same) {
      batches.push_back({kStart + r.document.timeline[each.item].at + delay, *balancer, {}});
      check_time(r, each, delay);
    }
    batches.back().requests.push_back(&each);
  }
  if (batches.size() > kMostOperations) {
    r.diagnostics.error(
        r.place({"timeline", fmt::format("{}", batches[kMostOperations].requests.front()->item)}),
        fmt::format("more than {} operations in one run", kMostOperations));
  }
  std::stable_sort(batches.begin(), batches.end(),
                   [](const Batch& a, const Batch& b) { return a.at < b.at; });
  return batches;
}

}  // namespace

std::vector<OperationRequest> operation_requests(Resolution& r, std::size_t index) {
  const TimelineItem& item = r.document.timeline[index];
  const std::string number = fmt::format("{}", index);
  std::vector<OperationRequest> requests;
  const auto add = [&](const std::string& path, const Place& place, const Node& value) {
    const auto paths = expand_name(path);
    if (!paths) return r.diagnostics.error(place, paths.error().message);
    if (requests.size() + paths->size() > kMostOperationPaths) {
      return r.diagnostics.error(place, fmt::format("more than {} paths", kMostOperationPaths));
    }
    for (const std::string& each : *paths) {
      requests.push_back({index, each, place, value, false, {}});
    }
  };
  if (item.set) {
    for (const Entry& entry : item.set->entries) add(entry.key, entry.key_place, entry.value);
  }
  if (item.remove) {
    for (std::size_t i = 0; i < item.remove->size(); ++i) {
      add((*item.remove)[i], r.place({"timeline", number, "remove", fmt::format("{}", i)}), Node());
    }
  }
  const bool given = item.set || item.remove;
  if (given && requests.empty() && r.diagnostics.empty()) {
    r.diagnostics.error(r.key_place({"timeline", number, item.set ? "set" : "remove"}),
                        "it names no path");
  }
  return requests;
}

std::vector<TimelineStep> resolve_operations(Resolution& r,
                                             std::vector<OperationRequest> requests) {
  const std::vector<Batch> batches = batches_of(r, requests);
  if (batches.empty() || !r.diagnostics.empty()) return {};
  OperationWalk walk(r);
  if (walk.values() * batches.size() > kMostOperationWork) {
    r.diagnostics.error(
        r.key_place({"timeline"}),
        fmt::format("{} operations on balancers of {} values are more than can be checked",
                    batches.size(), walk.values()));
    return {};
  }
  std::vector<TimelineStep> steps;
  for (const Batch& batch : batches) {
    std::vector<TimelineStep> more = walk.apply(batch.balancer, batch.requests);
    if (!r.diagnostics.empty()) return {};
    std::move(more.begin(), more.end(), std::back_inserter(steps));
  }
  for (std::size_t i = 0; i < r.scenario.hosts.size(); ++i) {
    r.scenario.hosts[i].services = walk.scenario().hosts[i].services;
  }
  GroupMembers(r, steps).settle();
  return steps;
}

}  // namespace elblab::language
