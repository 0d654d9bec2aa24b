// BW-09: towards its servers a fullNAT balancer uses addresses and ports of its own; a connection
// that finds none is dropped as a SYN, and the client sends it again. Ceiling (BW-10): source
// addresses × usable ports × distinct server address:port pairs.
//
// The balancer counts each SYN it dropped for that reason. Where the ports are held by requests
// that wait elsewhere, that is where the fault lies.
#include <fmt/format.h>

#include "analysis/diagnosis/causes/causes.hpp"
#include "analysis/diagnosis/evidence.hpp"

namespace elblab::diagnosis {
namespace {

constexpr double kNearlyAllBalancerPorts = 0.97;

struct Pool {
  double peak = 0;
  double ports = 0;  // 0: not recorded, or no pool
  double share() const { return ratio(peak, ports); }
};

Pool pool_of(const Observations& seen) {
  Pool pool;
  const Level* in_use = seen.gauge("source_ports_in_use");
  const Level* ports = seen.gauge("source_ports");
  if (in_use != nullptr) pool.peak = peak(in_use->high);
  if (ports != nullptr) pool.ports = peak(ports->high);
  return pool;
}

class BalancerPorts final : public Cause {
 public:
  CauseId id() const override { return CauseId::balancer_ports; }

  Claims claims(const Case& run) const override {
    Claims claims;
    claims.syns = run.where.no_source_port;
    const HeldPorts held = ports_held(run.seen, run.load, run.where, held_up(run.where));
    for (std::size_t i = 0; i < claims.syns.size(); ++i) claims.syns[i] -= held.syns[i];
    return claims;
  }

  Finding finding(const Case& run, const Granted& granted, Finding finding) const override {
    if (run.seen.counter("no_source_port") == nullptr) {
      return not_observable(std::move(finding), "the trace has no no_source_port(balancer)");
    }
    const Pool pool = pool_of(run.seen);
    if (granted.material) return found(run, granted, pool, std::move(finding));
    if (!run.harmed && pool.share() >= kNearlyAllBalancerPorts) {
      finding.standing = Standing::found;
      finding.confidence = Confidence::possible;
      finding.title = "balancer nearly out of source ports";
      finding.evidence.push_back(usage(pool));
      return finding;
    }
    return ruled_out(std::move(finding), without(run, pool));
  }

 private:
  static Evidence usage(const Pool& pool) {
    Evidence evidence;
    evidence.text = pool.ports > 0
                        ? fmt::format("source_ports_in_use(balancer) reached {} of {}",
                                      count_text(pool.peak), count_text(pool.ports))
                        : fmt::format("source_ports_in_use(balancer) reached {} and stayed there",
                                      count_text(pool.peak));
    evidence.measures = {"source_ports_in_use(balancer)"};
    if (pool.ports > 0) evidence.measures.push_back("source_ports(balancer)");
    evidence.query = max_query("source_ports_in_use(balancer)");
    return evidence;
  }

  static Finding found(const Case& run, const Granted& granted, const Pool& pool, Finding finding) {
    finding.standing = Standing::found;
    finding.explains = granted.share;
    const bool full = pool.ports == 0 || pool.share() >= 0.95;
    finding.confidence = full ? Confidence::certain : Confidence::likely;
    const Curve& dropped = run.where.no_source_port;
    const Span span = span_of(dropped, run.seen.grid());
    Evidence drops;
    drops.text = fmt::format(
        "the balancer dropped {} SYNs for want of a source port, the first "
        "at {}",
        count_text(total(dropped)), time_text(span.from));
    drops.query = sum_query("no_source_port(balancer)");
    drops.measures = {"no_source_port(balancer)"};
    drops.from = span.from;
    drops.to = span.to;
    drops.connections = some_given_up(run.seen, span.from);
    finding.evidence.push_back(std::move(drops));
    finding.evidence.push_back(usage(pool));
    return finding;
  }

  static std::string without(const Case& run, const Pool& pool) {
    const double dropped = total(run.where.no_source_port);
    if (dropped > 0) {
      return fmt::format(
          "{} SYNs without a source port, while ports were held by requests that "
          "waited elsewhere",
          count_text(dropped));
    }
    if (pool.ports > 0) {
      return fmt::format("peak {} of {}", count_text(pool.peak), count_text(pool.ports));
    }
    return pool.peak > 0 ? fmt::format("peak {}, none missing", count_text(pool.peak))
                         : "no SYN lacked one";
  }
};

}  // namespace

const Cause& balancer_ports() {
  static const BalancerPorts kCause;
  return kCause;
}

}  // namespace elblab::diagnosis
