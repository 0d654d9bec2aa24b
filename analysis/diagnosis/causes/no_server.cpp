// OPEN-13: no server of the group may get new connections: all are disabled, have weight 0 or are
// unhealthy. The balancer refuses TCP clients by RST itself, and lets datagrams go.
#include <fmt/format.h>

#include "analysis/diagnosis/causes/causes.hpp"
#include "analysis/diagnosis/evidence.hpp"

namespace elblab::diagnosis {
namespace {

// A group, and when none of its servers had a weight.
struct Deserted {
  std::string group;
  std::vector<std::string> servers;
  Span when;
};

std::vector<Deserted> deserted_groups(const Observations& seen) {
  std::map<std::string, Curve> weights;
  std::map<std::string, std::vector<std::string>> servers;
  for (const std::string& server : seen.objects(MeasureScope::server)) {
    const Level* weight = seen.gauge("weight", MeasureScope::server, server);
    if (weight == nullptr) continue;
    const std::string group = group_of(server);
    Curve& sum = weights.try_emplace(group, seen.grid().columns, 0.0).first->second;
    add(sum, weight->low);
    servers[group].push_back(server);
  }
  std::vector<Deserted> deserted;
  for (auto& [group, weight] : weights) {
    for (double& value : weight) value = value == 0 ? 1 : 0;
    if (total(weight) == 0) continue;
    deserted.push_back({group, servers[group], span_of(weight, seen.grid())});
  }
  return deserted;
}

class NoServer final : public Cause {
 public:
  CauseId id() const override { return CauseId::no_server; }

  Claims claims(const Case& run) const override {
    Claims claims;
    // What health checks took the servers out for is those causes' own.
    claims.rejected = run.seen.drops("no_server").tcp;
    Curve shared(claims.rejected.size(), 0.0);
    for (const auto& [cause, share] : run.where.health.of_no_server) add(shared, share);
    for (std::size_t i = 0; i < shared.size(); ++i) {
      claims.rejected[i] *= std::max(0.0, 1 - shared[i]);
    }
    claims.waiting = waiting_on_the_network(run, id());
    return claims;
  }

  Finding finding(const Case& run, const Granted& granted, Finding finding) const override {
    const DropCurves& drops = run.seen.drops("no_server");
    const double packets = total(drops.tcp) + total(drops.datagrams);
    if (!granted.material) {
      return ruled_out(std::move(finding), without(run, packets));
    }
    finding.standing = Standing::found;
    finding.confidence = Confidence::certain;
    finding.explains = granted.share;
    finding.evidence.push_back(refusals(run, drops));
    for (const Deserted& group : deserted_groups(run.seen)) {
      finding.evidence.push_back(weights(group));
    }
    return finding;
  }

 private:
  static std::string without(const Case& run, double packets) {
    if (packets == 0) return "there was always one";
    return fmt::format("{} packets found none, {}", count_text(packets),
                       run.where.health.of_no_server.empty()
                           ? "too few"
                           : "because health checks had taken all of them out");
  }

  static Evidence refusals(const Case& run, const DropCurves& drops) {
    Evidence evidence;
    Curve all = drops.tcp;
    add(all, drops.datagrams);
    const Span span = span_of(all, run.seen.grid());
    std::vector<std::string> parts;
    if (total(drops.tcp) > 0) {
      parts.push_back(fmt::format("refused {} SYNs by RST", count_text(total(drops.tcp))));
    }
    if (total(drops.datagrams) > 0) {
      parts.push_back(fmt::format("dropped {} datagrams", count_text(total(drops.datagrams))));
    }
    evidence.text = fmt::format("the balancer {} for want of a server, the first at {}",
                                fmt::join(parts, " and "), time_text(span.from));
    evidence.query =
        "SELECT sum(n) FROM reason_counts_view WHERE kind = 'packet_dropped' AND reason = "
        "'no_server'";
    evidence.measures = {"dropped(balancer)", "packets_made(balancer)"};
    evidence.from = span.from;
    evidence.to = span.to;
    ConnectionFilter refused;
    refused.role = "client";
    refused.reasons = {"refused_by_peer"};
    refused.from = span.from;
    evidence.connections = some_connections(run.seen, refused);
    return evidence;
  }

  static Evidence weights(const Deserted& group) {
    Evidence evidence;
    evidence.text =
        fmt::format("no server of group {} ({}) had a weight from {} to {}", group.group,
                    list_text(group.servers), time_text(group.when.from), time_text(group.when.to));
    for (const std::string& server : group.servers) {
      evidence.measures.push_back(measure_text("weight", server));
    }
    evidence.query = fmt::format(
        "SELECT measure, min(value) FROM samples_view WHERE measure LIKE 'weight({}/%' GROUP BY "
        "measure",
        group.group);
    evidence.from = group.when.from;
    evidence.to = group.when.to;
    return evidence;
  }
};

}  // namespace

const Cause& no_server() {
  static const NoServer kCause;
  return kCause;
}

}  // namespace elblab::diagnosis
