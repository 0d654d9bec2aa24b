// LIFE-27, HC-19: the load balancer is frozen, or no address is bound to it: whatever is sent to it
// is dropped without a word, and looks like a network that is gone.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "analysis/diagnosis/causes/causes.hpp"
#include "analysis/diagnosis/evidence.hpp"

namespace elblab::diagnosis {
namespace {

class BalancerHalted final : public Cause {
 public:
  CauseId id() const override { return CauseId::balancer_halted; }

  Claims claims(const Case& run) const override {
    Claims claims;
    claims.syns = run.where.halted;
    claims.waiting = waiting_on_the_network(run, id());
    return claims;
  }

  Finding finding(const Case& run, const Granted& granted, Finding finding) const override {
    std::vector<std::string> states;
    const std::vector<std::string> remedies = std::move(finding.remedies);
    finding.remedies.clear();
    for (std::size_t i = 0; i < kHalted.size(); ++i) {
      const DropCurves& drops = run.seen.drops(kHalted[i]);
      if (total(drops.tcp) + total(drops.datagrams) == 0) continue;
      states.push_back(fmt::format("{} {}", list_text(balancers_of(drops)),
                                   kHalted[i] == "frozen" ? "frozen" : "without an address"));
      finding.evidence.push_back(evidence_of(run, kHalted[i], drops));
      finding.remedies.push_back(remedies.at(i));
    }
    if (states.empty()) return ruled_out(std::move(finding), "nothing was dropped for it");
    finding.title = fmt::format("{}", fmt::join(states, "; "));
    finding.standing = Standing::found;
    finding.confidence = Confidence::certain;
    finding.explains = granted.share;
    return finding;
  }

 private:
  // Whose nodes dropped it: "lb1" of "lb1/lvs1"; where there is one balancer its nodes have no more
  // than their own name.
  static std::vector<std::string> balancers_of(const DropCurves& drops) {
    std::vector<std::string> names;
    for (const auto& [object, packets] : drops.objects) {
      const std::size_t slash = object.find('/');
      std::string name = slash == std::string::npos ? "the load balancer" : object.substr(0, slash);
      if (std::find(names.begin(), names.end(), name) == names.end()) {
        names.push_back(std::move(name));
      }
    }
    return names;
  }

  static Evidence evidence_of(const Case& run, std::string_view reason, const DropCurves& drops) {
    Curve all = drops.tcp;
    add(all, drops.datagrams);
    const Span span = span_of(all, run.seen.grid());
    Evidence evidence;
    evidence.text =
        fmt::format("it dropped {} packets as {}, from {} to {}", count_text(total(all)), reason,
                    time_text(span.from), time_text(span.to));
    evidence.query = fmt::format(
        "SELECT object, count(*), min(at_s), max(at_s) FROM events_view WHERE kind = "
        "'packet_dropped' AND reason = '{}' GROUP BY object",
        reason);
    evidence.measures = {"dropped(balancer)"};
    evidence.from = span.from;
    evidence.to = span.to;
    return evidence;
  }
};

}  // namespace

const Cause& balancer_halted() {
  static const BalancerHalted kCause;
  return kCause;
}

}  // namespace elblab::diagnosis
