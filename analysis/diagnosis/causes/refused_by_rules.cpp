// ACL-02, ACL-24, ACL-21, ACL-27: an access list of a listener, a network ACL, a security group or
// a host's own firewall does not admit what users send, or what servers answer. It vanishes without
// a word and looks like a server that is gone.
//
// Rules refuse strangers all the time; it is a cause only as far as users of the service fail by
// it.
#include <fmt/format.h>

#include "analysis/diagnosis/causes/causes.hpp"
#include "analysis/diagnosis/evidence.hpp"

namespace elblab::diagnosis {
namespace {

struct RuleKind {
  std::string_view reason;
  std::string_view whose;
};

// In the order in which packets of a client meet them.
constexpr RuleKind kRules[]{{"access_control", "the access list of a listener"},
                            {"network_acl", "a network ACL"},
                            {"security_group", "security groups"},
                            {"host_firewall", "a host's firewall"}};

class RefusedByRules final : public Cause {
 public:
  CauseId id() const override { return CauseId::refused_by_rules; }

  Claims claims(const Case& run) const override {
    Claims claims;
    if (run.load.sessions) return claims;
    claims.syns = run.where.refused_by_rules;
    claims.waiting = waiting_on_the_network(run, id());
    return claims;
  }

  Finding finding(const Case& run, const Granted& granted, Finding finding) const override {
    Curve all(run.seen.grid().columns, 0.0);
    for (const RuleKind& rules : kRules) add(all, packets_of(run, rules));
    const double packets = total(all);
    if (packets == 0) return ruled_out(std::move(finding), "no rule refused a packet");
    const std::string refused = fmt::format("rules refused {} packets", count_text(packets));
    if (run.load.sessions) {
      return not_observable(std::move(finding), refused + "; whether users sent them is not seen");
    }
    if (!granted.material) {
      return ruled_out(std::move(finding), refused + ", no request of the workloads among them");
    }
    finding.standing = Standing::found;
    finding.confidence = Confidence::certain;
    finding.explains = granted.share;
    for (const RuleKind& rules : kRules) {
      const Curve curve = packets_of(run, rules);
      if (total(curve) > 0) finding.evidence.push_back(evidence_of(run, rules, curve));
    }
    return finding;
  }

 private:
  static Curve packets_of(const Case& run, const RuleKind& rules) {
    const DropCurves& drops = run.seen.drops(rules.reason);
    Curve packets = drops.tcp;
    add(packets, drops.datagrams);
    return packets;
  }

  static Evidence evidence_of(const Case& run, const RuleKind& rules, const Curve& packets) {
    const Span span = span_of(packets, run.seen.grid());
    Evidence evidence;
    evidence.text = fmt::format("{} refused {} packets, the first at {}", rules.whose,
                                count_text(total(packets)), time_text(span.from));
    evidence.query = fmt::format(
        "SELECT coalesce(peer, object) AS at, source, destination, count(*) FROM events_view WHERE "
        "kind = 'packet_dropped' AND reason = '{}' GROUP BY 1, 2, 3 ORDER BY 4 DESC",
        rules.reason);
    const bool of_balancer = rules.reason == "access_control";
    evidence.measures = {of_balancer ? "dropped(balancer)" : "dropped(network)"};
    evidence.from = span.from;
    evidence.to = span.to;
    evidence.connections = some_given_up(run.seen, span.from);
    return evidence;
  }
};

}  // namespace

const Cause& refused_by_rules() {
  static const RefusedByRules kCause;
  return kCause;
}

}  // namespace elblab::diagnosis
