#include "analysis/diagnosis/balancer_drops.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "analysis/trace/database.hpp"

namespace elblab::diagnosis {
namespace {

constexpr std::string_view kDropClasses = R"sql(
SELECT k.id, r.name, k.protocol, coalesce(sum(b.n), 0), o.name
FROM event_classes k
JOIN event_kinds e ON e.id = k.kind
JOIN reasons r ON r.id = k.reason
JOIN objects o ON o.id = k.object
JOIN object_kinds ok ON ok.id = o.kind
LEFT JOIN event_blocks b ON b.class = k.id
WHERE e.name = 'packet_dropped' AND ok.name IN ('node', 'balancer', 'network')
  AND r.name IN ('table_full', 'no_listener', 'no_server', 'no_source_port', 'no_connection',
    'frozen', 'no_address', 'access_control', 'network_acl', 'security_group', 'host_firewall')
GROUP BY k.id ORDER BY k.id)sql";

// Rows of a class: those in full blocks, of every `step`-th block, and those behind the last block,
// which an incomplete trace has not indexed yet. CROSS JOIN and + make SQLite take this way.
constexpr std::string_view kDropRows = R"sql(
SELECT e.at_ns, e.source, e.destination, ?2 FROM event_blocks b
CROSS JOIN events e ON e.id BETWEEN b.first_id AND b.last_id AND +e.class = b.class
WHERE b.class = ?1 AND b.rowid % ?2 = 0
UNION ALL
SELECT at_ns, source, destination, 1 FROM events
WHERE id > (SELECT coalesce(max(last_id), 0) FROM event_blocks) AND class = ?1
ORDER BY 1)sql";

struct DropClass {
  std::int64_t id = 0;
  std::string reason;
  bool is_tcp = false;
  bool is_icmp = false;
  std::int64_t rows = 0;
  std::string object;
};

std::vector<DropClass> drop_classes(const trace::Reader& trace) {
  constexpr std::int64_t kTcp = 6;
  constexpr std::int64_t kIcmp = 1;
  constexpr std::int64_t kIcmpV6 = 58;
  std::vector<DropClass> classes;
  trace::Statement rows(trace.database(), kDropClasses);
  trace::Step step = rows.step();
  for (; step == trace::Step::row; step = rows.step()) {
    const std::int64_t protocol = rows.integer(2);
    classes.push_back({rows.integer(0), std::string(rows.text(1)), protocol == kTcp,
                       protocol == kIcmp || protocol == kIcmpV6, rows.integer(3),
                       std::string(rows.text(4))});
  }
  trace.noted(step == trace::Step::done);
  return classes;
}

class DropReading {
 public:
  DropReading(const trace::Reader& trace, const Grid& grid)
      : trace_(trace), grid_(grid), probes_(trace) {}

  void read(const DropClass& of, DropCurves& drops, std::map<std::string, ProbeDrops>& of_probes) {
    trace::Statement rows(trace_.database(), kDropRows);
    rows.bind(1, of.id).bind(2, 1 + of.rows / BalancerDrops::kMostRead);
    flows_.clear();
    trace::Step step = rows.step();
    for (; step == trace::Step::row; step = rows.step()) {
      const Instant at = Instant(Duration(rows.integer(0)));
      const auto weight = static_cast<double>(rows.integer(3));
      const std::size_t column = grid_.column_of(at);
      if (const auto probe = probes_.packet(rows.integer(1), rows.integer(2))) {
        take_probe(of, of_probes[*probe->server], *probe, column, weight);
        continue;
      }
      (of.is_tcp ? drops.tcp : drops.datagrams)[column] += weight;
      drops.objects[of.object] += weight;
      take_flow(of, {rows.integer(1), rows.integer(2)}, at, weight, drops);
    }
    trace_.noted(step == trace::Step::done);
  }

 private:
  struct Flow {
    std::int64_t source;
    std::int64_t destination;
    bool operator==(const Flow&) const = default;
  };
  struct FlowHash {
    std::size_t operator()(const Flow& flow) const {
      constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15;  // 2^64 / golden ratio (Knuth 6.4)
      const auto source = static_cast<std::uint64_t>(flow.source);
      return (source * kGolden + static_cast<std::uint64_t>(flow.destination)) * kGolden >> 17;
    }
  };
  struct Seen {
    Instant last;
    bool again = false;
  };

  void take_probe(const DropClass& of, ProbeDrops& drops, const ProbeEnds::Packet& probe,
                  std::size_t column, double weight) const {
    if (drops.to_server.empty()) drops.to_server = drops.from_server = Curve(grid_.columns, 0.0);
    (probe.to_server ? drops.to_server : drops.from_server)[column] += weight;
    if (of.is_icmp) (probe.to_server ? drops.icmp_to_server : drops.icmp_from_server) += weight;
  }

  void take_flow(const DropClass& of, const Flow& flow, Instant at, double weight,
                 DropCurves& drops) {
    const auto [known, is_new] = flows_.try_emplace(flow, Seen{at, false});
    Seen& seen = known->second;
    const bool forgotten = at - seen.last >= BalancerDrops::kForgotten;
    if (!is_new && !forgotten && !seen.again) {
      seen.again = true;
      if (of.is_tcp) drops.insistent[grid_.column_of(at)] += weight;
    }
    if (is_new || forgotten) {
      seen.again = false;
      if (of.is_tcp) drops.attempts[grid_.column_of(at)] += weight;
      drops.destinations[endpoint(flow.destination)] += weight;
    }
    seen.last = at;
  }

  const std::string& endpoint(std::int64_t number) {
    const auto [known, is_new] = endpoints_.try_emplace(number);
    if (!is_new) return known->second;
    trace::Statement row(trace_.database(), "SELECT address FROM addresses WHERE id = ?1");
    row.bind(1, number >> 16);
    std::string address = row.step() == trace::Step::row ? std::string(row.text(0)) : "?";
    if (address.find(':') != std::string::npos) address = "[" + address + "]";
    return known->second = fmt::format("{}:{}", address, number & 65535);
  }

  const trace::Reader& trace_;
  const Grid& grid_;
  ProbeEnds probes_;
  std::unordered_map<Flow, Seen, FlowHash> flows_;
  std::unordered_map<std::int64_t, std::string> endpoints_;
};

DropCurves nothing_dropped(const Grid& grid) {
  const Curve zeros(grid.columns, 0.0);
  return {zeros, zeros, zeros, zeros, {}, {}};
}

}  // namespace

BalancerDrops::BalancerDrops(const trace::Reader& trace, const Grid& grid)
    : none_(nothing_dropped(grid)) {
  DropReading reading(trace, grid);
  for (const DropClass& of : drop_classes(trace)) {
    reading.read(of, by_reason_.try_emplace(of.reason, none_).first->second, of_probes_[of.reason]);
  }
}

const ProbeDrops& BalancerDrops::of_probes(std::string_view reason,
                                           const std::string& server) const {
  const auto found = of_probes_.find(reason);
  if (found == of_probes_.end()) return no_probes_;
  const auto of_server = found->second.find(server);
  return of_server == found->second.end() ? no_probes_ : of_server->second;
}

const DropCurves& BalancerDrops::of(std::string_view reason) const {
  const auto found = by_reason_.find(reason);
  return found == by_reason_.end() ? none_ : found->second;
}

}  // namespace elblab::diagnosis
