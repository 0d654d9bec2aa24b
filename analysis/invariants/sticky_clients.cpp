#include <fmt/format.h>

#include <algorithm>

#include "analysis/invariants/cases.hpp"
#include "analysis/invariants/laws.hpp"
#include "scenarios/language/object_names.hpp"

namespace elblab::invariants {
namespace {

using config::BackendGroup;
using config::LoadBalancer;

// Something that may end a binding before its time, or keep a client from its server (STK-20 to
// STK-24): a change or fault in the run, checks, a table that is full, zones kept apart.
bool may_lose_bindings(const language::Scenario& scenario, const LoadBalancer& balancer,
                       const BackendGroup& group) {
  const auto& stickiness = *group.stickiness;
  return !scenario.timeline.empty() || group.health_check || group.stickiness_switches ||
         !balancer.cross_zone || stickiness.capacity < 1024 ||
         config::effective_duration(balancer, stickiness) <= scenario.duration ||
         std::any_of(group.servers.begin(), group.servers.end(),
                     [](const config::Server& server) { return !server.member; });
}

void judge_group(const trace::Reader& reader, const std::string& group, bool per_node,
                 std::vector<Broken>& broken) {
  judge_by(reader, "affinity",
           fmt::format(R"(
SELECT printf('%s, sticky: client %s had %d servers, %s first and %s last', '{0}', a.address,
              count(DISTINCT o.name), min(o.name), max(o.name))
FROM connections c
JOIN connection_classes k ON k.id = c.class
JOIN roles r ON r.id = k.role
JOIN objects o ON o.id = k.peer
JOIN addresses a ON a.id = c.source >> 16
WHERE r.name = 'session' AND o.name GLOB '{0}/*'
GROUP BY c.source >> 16{1} HAVING count(DISTINCT o.name) > 1)",
                       group, per_node ? ", k.object" : ""),
           broken);
}

}  // namespace

void judge_sticky_clients(const trace::Reader& reader, const language::Scenario& scenario,
                          std::vector<Broken>& broken) {
  const auto& balancers = scenario.balancers;
  for (std::size_t i = 0; i < balancers.size(); ++i) {
    for (const BackendGroup& group : balancers[i].groups) {
      if (!group.stickiness || may_lose_bindings(scenario, balancers[i], group)) continue;
      if (group.algorithm == config::Algorithm::connection_id) continue;
      judge_group(reader, language::group_object(balancers, i, group.name),
                  group.stickiness->table == config::TableScope::per_node, broken);
    }
  }
}

}  // namespace elblab::invariants
