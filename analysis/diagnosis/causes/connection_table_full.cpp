// The balancer holds no more connections: its table is at the limit of its specification, and a SYN
// or datagram that would need a new entry is dropped. Those it has go on as ever.
//
// The balancer counts each one. Where the entries are held by requests that wait elsewhere - at a
// busy CPU, for lost packets - that is where the fault lies.
#include <fmt/format.h>

#include "analysis/diagnosis/causes/causes.hpp"
#include "analysis/diagnosis/evidence.hpp"

namespace elblab::diagnosis {
namespace {

class ConnectionTableFull final : public Cause {
 public:
  CauseId id() const override { return CauseId::connection_table_full; }

  Claims claims(const Case& run) const override {
    Claims claims;
    claims.syns = run.where.table_full;
    const HeldPorts held = ports_held(run.seen, run.load, run.where, held_up(run.where));
    for (std::size_t i = 0; i < claims.syns.size(); ++i) claims.syns[i] -= held.table[i];
    claims.waiting = waiting_on_the_network(run, id());
    return claims;
  }

  Finding finding(const Case& run, const Granted& granted, Finding finding) const override {
    const DropCurves& drops = run.seen.drops("table_full");
    const double packets = total(drops.tcp) + total(drops.datagrams);
    if (packets == 0) {
      const Level* entries = run.seen.gauge("m1_cps");
      return ruled_out(std::move(finding),
                       entries == nullptr
                           ? "nothing found it full"
                           : fmt::format("peak {}, never full", count_text(peak(entries->high))));
    }
    if (!granted.material) {
      return ruled_out(std::move(finding),
                       fmt::format("{} packets found it full, too few or while others held it",
                                   count_text(packets)));
    }
    finding.standing = Standing::found;
    finding.confidence = Confidence::certain;
    finding.explains = granted.share;
    finding.evidence.push_back(drops_of(run, drops));
    Evidence entries = level(run, drops);
    if (!entries.text.empty()) finding.evidence.push_back(std::move(entries));
    return finding;
  }

 private:
  static Evidence drops_of(const Case& run, const DropCurves& drops) {
    Evidence evidence;
    Curve all = drops.tcp;
    add(all, drops.datagrams);
    const Span span = span_of(all, run.seen.grid());
    const bool syns = total(drops.tcp) > 0;
    const bool datagrams = total(drops.datagrams) > 0;
    evidence.text = fmt::format(
        "the balancer dropped {} {} because its connection table was full, the first at {}",
        count_text(total(all)),
        syns && datagrams ? "SYNs and datagrams"
        : syns            ? "SYNs"
                          : "datagrams",
        time_text(span.from));
    evidence.query =
        "SELECT sum(n) FROM reason_counts_view WHERE kind = 'packet_dropped' AND reason = "
        "'table_full'";
    evidence.measures = {"dropped(balancer)"};
    evidence.from = span.from;
    evidence.to = span.to;
    evidence.connections = some_given_up(run.seen, span.from);
    return evidence;
  }

  // How many connections it held while it dropped, and how many of them did anything.
  static Evidence level(const Case& run, const DropCurves& drops) {
    Evidence evidence;
    const Level* entries = run.seen.gauge("m1_cps");
    const Level* active = run.seen.gauge("m2_act_conn");
    if (entries == nullptr) return evidence;
    double most = 0;
    double established = 0;
    for (std::size_t i = 0; i < entries->high.size(); ++i) {
      const bool dropping = drops.tcp[i] + drops.datagrams[i] > 0;
      if (!dropping || entries->high[i] < most) continue;
      most = entries->high[i];
      established = active == nullptr ? 0 : active->mean[i];
    }
    evidence.text = fmt::format("m1_cps(balancer) stood at {}", count_text(most));
    if (active != nullptr) {
      evidence.text += fmt::format(", {} of them established", count_text(established));
    }
    evidence.query = max_query("m1_cps(balancer)");
    evidence.measures = {"m1_cps(balancer)", "m2_act_conn(balancer)"};
    return evidence;
  }
};

}  // namespace

const Cause& connection_table_full() {
  static const ConnectionTableFull kCause;
  return kCause;
}

}  // namespace elblab::diagnosis
