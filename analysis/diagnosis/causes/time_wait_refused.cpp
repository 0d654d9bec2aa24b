// FTC-14: a client's port comes back while the server still has the connection before it in
// TIME_WAIT. If the new SYN's sequence number or timestamp is not newer, the server answers with an
// ACK of the old connection (linux-host.md row 14); the client answers that with a RST and sends
// its SYN again, late, and in vain for as long as nothing removes the TIME_WAIT.
//
// The server counts each such SYN. One that a RST cleared the way for 8 ms later harms nobody.
#include <fmt/format.h>

#include "analysis/diagnosis/causes/causes.hpp"
#include "analysis/diagnosis/evidence.hpp"

namespace elblab::diagnosis {
namespace {

class TimeWaitRefused final : public Cause {
 public:
  CauseId id() const override { return CauseId::time_wait_refused; }

  Claims claims(const Case& run) const override {
    Claims claims;
    claims.syns = run.where.time_wait_refused;
    return claims;
  }

  Finding finding(const Case& run, const Granted& granted, Finding finding) const override {
    if (!run.seen.summed("time_wait_refused", MeasureScope::host)) {
      return not_observable(std::move(finding), run.seen.has_hosts()
                                                    ? "the trace has no time_wait_refused"
                                                    : "no server host in this trace");
    }
    const auto hosts = shares_of(run.seen, "time_wait_refused", MeasureScope::host);
    if (hosts.empty()) return ruled_out(std::move(finding), "no SYN was refused for it");
    const double refused = total(run.where.time_wait_refused);
    if (!granted.material) {
      return ruled_out(std::move(finding),
                       fmt::format("{} SYNs met it, to little harm", count_text(refused)));
    }
    finding.standing = Standing::found;
    finding.confidence = Confidence::certain;
    finding.explains = granted.share;
    finding.evidence.push_back(refusals(run, hosts, refused));
    finding.evidence.push_back(waiting(run, hosts.front().object));
    return finding;
  }

 private:
  static Evidence refusals(const Case& run, const std::vector<Share>& hosts, double refused) {
    Evidence evidence;
    const Span span = span_of(run.where.time_wait_refused, run.seen.grid());
    const double reused =
        total(run.seen.summed("time_wait_reused", MeasureScope::host).value_or(Curve{}));
    evidence.text = fmt::format(
        "{} SYNs met TIME_WAIT on {} and were answered by an ACK, the first at {}; {} were "
        "accepted",
        count_text(refused), list_text(names_of(hosts)), time_text(span.from), count_text(reused));
    const std::string measure = measure_text("time_wait_refused", hosts.front().object);
    evidence.measures = {measure, measure_text("time_wait_reused", hosts.front().object)};
    evidence.query = sum_query(measure);
    evidence.from = span.from;
    evidence.to = span.to;
    evidence.connections = some_given_up(run.seen, span.from);
    return evidence;
  }

  static Evidence waiting(const Case& run, const std::string& host) {
    Evidence evidence;
    const std::string measure = measure_text("time_wait", host);
    const Level* level = run.seen.gauge("time_wait", MeasureScope::host, host);
    evidence.text =
        fmt::format("{} reached {}", measure, count_text(level == nullptr ? 0 : peak(level->high)));
    evidence.measures = {measure};
    evidence.query = max_query(measure);
    return evidence;
  }
};

}  // namespace

const Cause& time_wait_refused() {
  static const TimeWaitRefused kCause;
  return kCause;
}

}  // namespace elblab::diagnosis
