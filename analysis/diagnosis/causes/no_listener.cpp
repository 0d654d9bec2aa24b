// GEN-02, FWD-13: clients send to a port of the address on which no listener stands. Their SYNs are
// dropped without a word, and look like a balancer that is gone.
//
// Strangers try ports all the time; it is a cause only as far as the users of the service fail by
// it. A capture shows who was dropped, but not whether that was a user.
#include <fmt/format.h>

#include "analysis/diagnosis/causes/causes.hpp"
#include "analysis/diagnosis/evidence.hpp"

namespace elblab::diagnosis {
namespace {

class NoListener final : public Cause {
 public:
  CauseId id() const override { return CauseId::no_listener; }

  Claims claims(const Case& run) const override {
    Claims claims;
    if (run.load.sessions) return claims;
    claims.syns = run.where.no_listener;
    claims.waiting = waiting_on_the_network(run, id());
    return claims;
  }

  Finding finding(const Case& run, const Granted& granted, Finding finding) const override {
    const DropCurves& drops = run.seen.drops("no_listener");
    const double packets = total(drops.tcp) + total(drops.datagrams);
    if (packets == 0) return ruled_out(std::move(finding), "every packet found one");
    const std::string dropped =
        fmt::format("{} packets to {} found none", count_text(packets), ports(drops));
    if (run.load.sessions) {
      return not_observable(std::move(finding), dropped + "; whether users sent them is not seen");
    }
    if (!granted.material) {
      return ruled_out(std::move(finding), dropped + ", no request of the workloads among them");
    }
    finding.standing = Standing::found;
    finding.confidence = Confidence::certain;
    finding.explains = granted.share;
    Curve all = drops.tcp;
    add(all, drops.datagrams);
    const Span span = span_of(all, run.seen.grid());
    Evidence evidence;
    evidence.text = fmt::format("{}, the first at {}", dropped, time_text(span.from));
    evidence.query =
        "SELECT destination, count(*) FROM events_view WHERE kind = 'packet_dropped' AND reason = "
        "'no_listener' GROUP BY destination ORDER BY 2 DESC";
    evidence.measures = {"dropped(balancer)"};
    evidence.from = span.from;
    evidence.to = span.to;
    evidence.connections = some_given_up(run.seen, span.from);
    finding.evidence.push_back(std::move(evidence));
    return finding;
  }

 private:
  // Those that most flows were sent to.
  static std::string ports(const DropCurves& drops) {
    std::vector<Share> shares;
    for (const auto& [endpoint, flows] : drops.destinations) shares.push_back({endpoint, flows});
    std::stable_sort(shares.begin(), shares.end(),
                     [](const Share& a, const Share& b) { return a.amount > b.amount; });
    return list_text(names_of(shares));
  }
};

}  // namespace

const Cause& no_listener() {
  static const NoListener kCause;
  return kCause;
}

}  // namespace elblab::diagnosis
