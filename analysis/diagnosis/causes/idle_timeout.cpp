// TO-03: nothing passed on a connection for as long as the listener's idle timeout allows, and the
// balancer ended it, with a RST to both sides. That is in order where nobody waits; where the
// server was still preparing an answer, the request is lost with it. A session of datagrams ends
// without a word, and the late answer finds none (OPEN-06): the balancer drops it, or, where the
// client's address is kept, it goes straight to the client, who does not know its sender.
//
// Resets that servers sent themselves come off first: the balancer's harmless ones, of connections
// that nobody used, are often many.
#include <fmt/format.h>

#include "analysis/diagnosis/causes/causes.hpp"
#include "analysis/diagnosis/evidence.hpp"

namespace elblab::diagnosis {
namespace {

// RSTs that servers sent, per column.
Curve reset_by_servers(const Observations& seen) {
  Curve sum(seen.grid().columns, 0.0);
  for (const std::string& host : seen.objects(MeasureScope::host)) {
    const Curve* sent = seen.counter("resets_sent", MeasureScope::host, host);
    if (sent != nullptr && !is_client(seen, host)) add(sum, *sent);
  }
  return sum;
}

// Requests that were reset in a column and that no server reset; no more than connections ended.
Curve reset_while_idle(const Case& run) {
  if (run.load.sessions) return run.sessions.idle_awaiting;
  const Curve servers = trailing(reset_by_servers(run.seen), 1);
  const Curve idle = trailing(run.sessions.idle, 1);
  Curve claim = run.load.failures.reset;
  for (std::size_t i = 0; i < claim.size(); ++i) {
    // Servers refuse connects, too, by RST.
    const double refused = run.load.failures.rejected[i];
    const double others = std::max(0.0, servers[i] - refused);
    claim[i] = std::min(std::max(0.0, claim[i] - others), idle[i]);
  }
  return claim;
}

class IdleTimeout final : public Cause {
 public:
  CauseId id() const override { return CauseId::idle_timeout; }

  Claims claims(const Case& run) const override {
    Claims claims;
    claims.reset = reset_while_idle(run);
    claims.waiting = waiting_on_the_network(run, id());
    return claims;
  }

  Finding finding(const Case& run, const Granted& granted, Finding finding) const override {
    const Curve* ended = run.seen.counter("idle_timeouts");
    if (ended == nullptr) {
      return not_observable(std::move(finding), "the trace has no idle_timeouts(balancer)");
    }
    const double all = total(*ended);
    if (all == 0) return ruled_out(std::move(finding), "no connection was idle for so long");
    if (!granted.material) {
      return ruled_out(
          std::move(finding),
          fmt::format("{} connections ended by it, no request with them", count_text(all)));
    }
    finding.standing = Standing::found;
    finding.explains = granted.share;
    finding.confidence = granted.share >= 0.5 ? Confidence::certain : Confidence::likely;
    if (granted.reset > 0) finding.evidence.push_back(resets(run, granted));
    if (granted.broken + granted.left > 0 && total(run.where.late_answers) > 0) {
      finding.evidence.push_back(lateness(run));
    }
    finding.evidence.push_back(ends(run, *ended));
    return finding;
  }

 private:
  static Evidence resets(const Case& run, const Granted& granted) {
    Evidence evidence;
    const Span span = span_of(granted.when, run.seen.grid());
    evidence.text = fmt::format(
        "{} requests were reset together with their connection, the first at {}, and no server did "
        "it",
        count_text(granted.reset), time_text(span.from));
    const auto clients = shares_of(run.seen, "resets_received", MeasureScope::host);
    if (!clients.empty()) {
      evidence.measures = {measure_text("resets_received", clients.front().object)};
      evidence.query = sum_query(evidence.measures.front());
    }
    evidence.from = span.from;
    evidence.to = span.to;
    ConnectionFilter reset;
    reset.role = "client";
    reset.reasons = {"reset_by_peer"};
    reset.from = span.from;
    evidence.connections = some_connections(run.seen, reset);
    return evidence;
  }

  static Evidence lateness(const Case& run) {
    Evidence evidence;
    const Curve& late = run.where.late_answers;
    const double dropped = total(run.seen.drops("no_connection").datagrams);
    const Span span = span_of(late, run.seen.grid());
    evidence.text = fmt::format(
        "{} answers came when their session had ended already, from {} on: {}",
        count_text(total(late)), time_text(span.from),
        dropped > 0 ? "the balancer dropped them"
                    : "they reached their clients from an address that these do not know");
    evidence.query =
        dropped > 0 ? "SELECT count(*) FROM events_view WHERE kind = 'packet_dropped' AND reason = "
                      "'no_connection' AND protocol = 'udp'"
                    : "SELECT measure, sum(value) FROM samples_view WHERE measure LIKE "
                      "'icmp_unreachable_sent(%' GROUP BY measure";
    if (dropped > 0) evidence.measures = {"dropped(balancer)"};
    for (const Share& host : shares_of(run.seen, "icmp_unreachable_sent", MeasureScope::host)) {
      if (dropped > 0 || evidence.measures.size() == 2) break;
      evidence.measures.push_back(measure_text("icmp_unreachable_sent", host.object));
    }
    evidence.from = span.from;
    evidence.to = span.to;
    return evidence;
  }

  static Evidence ends(const Case& run, const Curve& ended) {
    Evidence evidence;
    const Span span = span_of(ended, run.seen.grid());
    evidence.text = fmt::format("{} connections ended by the idle timeout, from {} on",
                                count_text(total(ended)), time_text(span.from));
    if (run.sessions.shortest_idle > Duration{}) {
      evidence.text += fmt::format("; none of them lived less than {:.1f} s",
                                   to_seconds(run.sessions.shortest_idle));
    }
    evidence.measures = {"idle_timeouts(balancer)"};
    evidence.query = sum_query("idle_timeouts(balancer)");
    evidence.from = span.from;
    evidence.to = span.to;
    ConnectionFilter idle;
    idle.role = "session";
    idle.reasons = {"idle_timeout"};
    evidence.connections = some_connections(run.seen, idle);
    return evidence;
  }
};

}  // namespace

const Cause& idle_timeout() {
  static const IdleTimeout kCause;
  return kCause;
}

}  // namespace elblab::diagnosis
