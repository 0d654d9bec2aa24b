#include <fmt/format.h>

#include <algorithm>

#include "analysis/invariants/cases.hpp"
#include "analysis/invariants/laws.hpp"
#include "scenarios/language/object_names.hpp"

namespace elblab::invariants {
namespace {

using language::Operation;
using language::TimelineEntry;

bool is_member_in(const Operation& operation) {
  const auto& [group, server] = *operation.server;
  const auto& now = operation.result->groups[group].servers[server];
  return now.member && now.weight > 0;
}

// A server that an operation takes out for the rest of the run, or until the next one about it.
struct Drain {
  std::string server;  // its object
  Instant from;
  Instant until;
  std::optional<Duration> delay;  // nullopt: its connections are cut at once
  bool keeps = false;             // its connections stay (LIFE-13)
};

Instant end_of(const language::Scenario& scenario) { return kStart + scenario.duration; }

// The next change of the same balancer: what it brings may end the drain.
Instant next_change(const language::Scenario& scenario, std::size_t index) {
  const auto& timeline = scenario.timeline;
  Instant next = end_of(scenario);
  for (std::size_t i = 0; i < timeline.size(); ++i) {
    if (i == index || !timeline[i].operation) continue;
    if (timeline[i].operation->balancer != timeline[index].operation->balancer) continue;
    if (timeline[i].at >= timeline[index].at) next = std::min(next, timeline[i].at);
  }
  return next;
}

std::vector<Drain> drains_of(const language::Scenario& scenario) {
  std::vector<Drain> drains;
  for (std::size_t i = 0; i < scenario.timeline.size(); ++i) {
    const TimelineEntry& entry = scenario.timeline[i];
    if (!entry.operation || !entry.operation->server || is_member_in(*entry.operation)) continue;
    const Operation& operation = *entry.operation;
    const auto [group, server] = *operation.server;
    Drain drain;
    drain.server = language::server_object(scenario.balancers, {operation.balancer, group, server});
    drain.from = entry.at;
    drain.until = next_change(scenario, i);
    drain.delay = operation.result->groups[group].deregistration_delay;
    drain.keeps = operation.keeps_connections;
    drains.push_back(std::move(drain));
  }
  return drains;
}

constexpr const char* kNewConnections = R"(
SELECT printf('{server} is out from %.6f s on, and gets a connection at %.6f s', {from} / 1e9,
              c.opened_ns / 1e9)
FROM connections c
JOIN connection_classes k ON k.id = c.class
JOIN roles r ON r.id = k.role
JOIN objects o ON o.id = k.peer
WHERE r.name = 'session' AND o.name = '{server}' AND c.opened_ns > {from} AND c.opened_ns < {until})";

// Data alone: an acknowledgment of what came before, or a FIN, may be under way, and a session that
// both ends have closed is remembered for a while (tcp_timeouts.closed).
constexpr const char* kLateData = R"(
SELECT printf('{server} is out from %.6f s on, with the delay until %.6f s, and gets data at %.6f s',
              {from} / 1e9, {empty} / 1e9, p.at_ns / 1e9)
FROM connections c
JOIN connection_classes k ON k.id = c.class
JOIN roles r ON r.id = k.role
JOIN objects o ON o.id = k.peer
JOIN packet_connections f ON f.translated_source = c.translated_source
  AND f.translated_destination = k.translated_destination AND f.protocol = k.protocol
  AND f.first_ns <= c.opened_ns + c.closed_after_ns AND f.last_ns >= c.opened_ns
JOIN packets p ON p.id BETWEEN f.first_packet AND f.last_packet
JOIN packet_actions a ON a.id = p.action
WHERE r.name = 'session' AND o.name = '{server}' AND c.opened_ns <= {from}
  AND a.name = 'forwarded' AND p.destination = f.translated_destination AND p.payload_bytes > 0
  AND p.at_ns > {empty} AND p.at_ns < {until} AND p.at_ns < c.opened_ns + c.closed_after_ns)";

std::string filled(const char* sql, const Drain& drain, Instant empty) {
  using fmt::arg;
  return fmt::format(fmt::runtime(sql), arg("server", drain.server),
                     arg("from", drain.from.time_since_epoch().count()),
                     arg("empty", empty.time_since_epoch().count()),
                     arg("until", drain.until.time_since_epoch().count()));
}

void judge(const trace::Reader& reader, const Drain& drain, std::vector<Broken>& broken) {
  const Instant empty = drain.from + drain.delay.value_or(Duration(0));
  judge_by(reader, "drained_server", filled(kNewConnections, drain, empty), broken);
  if (drain.keeps || empty >= drain.until) return;
  judge_by(reader, "drained_server", filled(kLateData, drain, empty), broken);
}

}  // namespace

void judge_drained_servers(const trace::Reader& reader, const language::Scenario& scenario,
                           std::vector<Broken>& broken) {
  for (const Drain& drain : drains_of(scenario)) judge(reader, drain, broken);
}

}  // namespace elblab::invariants
