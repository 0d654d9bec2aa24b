// BW-08: the server's program takes connections off its accept queue more slowly than they come.
// When the queue is full, the kernel drops SYNs without a word (linux-host.md rows 20, 21), clients
// send them again and give up; while it is merely long, they wait in it.
//
// A host whose CPU is fully busy cannot accept either: that is the CPU's doing (server_cpu). Seen
// from the balancer alone, a full queue is a server that leaves SYNs unanswered while connections
// to it lose nothing: loss would hit every packet alike.
#include <fmt/format.h>

#include "analysis/diagnosis/causes/causes.hpp"
#include "analysis/diagnosis/evidence.hpp"

namespace elblab::diagnosis {
namespace {

// Loss on the way that takes a SYN takes other segments too: sessions that needed a repetition, per
// session that was left unanswered.
constexpr double kLossFree = 0.2;

bool looks_full(const SessionSigns& signs) {
  if (!signs.both_directions || signs.worst_server.empty()) return false;
  const double unanswered = ratio(signs.unanswered, signs.unanswered + signs.established);
  return ratio(signs.retransmitted, signs.established) < kLossFree * unanswered;
}

struct Queue {
  std::string host;
  double peak = 0;
  double limit = 0;  // 0: not recorded
};

// The host that waited longest for its program: by overflows, then by queue.
Queue longest_queue(const Observations& seen) {
  Queue longest;
  double most_overflows = -1;
  for (const std::string& host : seen.objects(MeasureScope::host)) {
    const Level* queue = seen.gauge("accept_queue", MeasureScope::host, host);
    const Level* limit = seen.gauge("accept_queue_limit", MeasureScope::host, host);
    const Curve* overflows = seen.counter("listen_overflows", MeasureScope::host, host);
    const double dropped = overflows == nullptr ? 0 : total(*overflows);
    const double length = queue == nullptr ? 0 : peak(queue->high);
    if (dropped < most_overflows || (dropped == most_overflows && length <= longest.peak)) continue;
    most_overflows = dropped;
    longest = {host, length, limit == nullptr ? 0 : peak(limit->high)};
  }
  return longest;
}

class AcceptQueue final : public Cause {
 public:
  CauseId id() const override { return CauseId::accept_queue; }

  Claims claims(const Case& run) const override {
    Claims claims;
    claims.syns = run.where.queue_full;
    if (run.load.sessions) {
      if (looks_full(*run.load.sessions)) claims.syns = run.where.syns_lost;
      return claims;
    }
    claims.waiting = run.where.in_accept_queues;
    add(claims.waiting, waiting_on_the_network(run, id()));
    claim_held_ports(run, claims);
    return claims;
  }

  Finding finding(const Case& run, const Granted& granted, Finding finding) const override {
    if (run.load.sessions) return finding_of_sessions(run, granted, std::move(finding));
    const Queue queue = longest_queue(run.seen);
    if (granted.material) return found(run, granted, queue, std::move(finding));
    const double overflows = total(run.where.queue_full);
    if (!run.harmed && overflows > 0) {
      finding.standing = Standing::found;
      finding.confidence = Confidence::possible;
      finding.title = "accept queue was full at times";
      finding.evidence.push_back(overflow(run, queue));
      return finding;
    }
    if (overflows == 0 && run.load.connection_per_request && may_hide_between_samples(run, 1)) {
      return not_observable(
          std::move(finding),
          fmt::format("at most {} of {} at the samples, but what fills and empties within {:.3g} s "
                      "is not seen",
                      count_text(queue.peak), count_text(queue.limit),
                      to_seconds(run.seen.sample_interval())));
    }
    return ruled_out(std::move(finding), without(run, queue));
  }

 private:
  static Evidence overflow(const Case& run, const Queue& queue) {
    const auto hosts = shares_of(run.seen, "listen_overflows", MeasureScope::host);
    const Span span = span_of(run.where.queue_full, run.seen.grid());
    Evidence evidence;
    evidence.text = fmt::format("{} handshakes dropped by {} (ListenOverflows), the first at {}",
                                count_text(total(run.where.queue_full)), list_text(names_of(hosts)),
                                time_text(span.from));
    const std::string measure = measure_text("listen_overflows", queue.host);
    evidence.query = sum_query(measure);
    evidence.measures = {measure};
    evidence.from = span.from;
    evidence.to = span.to;
    evidence.connections = some_given_up(run.seen, span.from);
    return evidence;
  }

  static Evidence length(const Queue& queue) {
    const std::string measure = measure_text("accept_queue", queue.host);
    Evidence evidence;
    evidence.text = queue.limit > 0 ? fmt::format("{} reached {} of {}", measure,
                                                  count_text(queue.peak), count_text(queue.limit))
                                    : fmt::format("{} reached {}", measure, count_text(queue.peak));
    evidence.query = max_query(measure);
    evidence.measures = {measure};
    if (queue.limit > 0) {
      evidence.measures.push_back(measure_text("accept_queue_limit", queue.host));
    }
    return evidence;
  }

  static Evidence between_samples(const Case& run, const Queue& queue) {
    Evidence evidence;
    evidence.text = fmt::format(
        "{} of them while no sample shows a full queue: it filled and emptied within {:.3g} s",
        count_text(total(run.where.queue_full_unseen)), to_seconds(run.seen.sample_interval()));
    evidence.measures = {measure_text("listen_overflows", queue.host)};
    return evidence;
  }

  static Evidence idle_cpu(const Case& run, const Queue& queue) {
    Evidence evidence;
    const Level* cpu = run.seen.gauge("cpu", MeasureScope::host, queue.host);
    if (cpu == nullptr || peak(cpu->high) == 0) return evidence;  // none is modelled
    evidence.text =
        fmt::format("the CPU of {} had time: at most {:.0f} % busy", queue.host, peak(cpu->mean));
    evidence.measures = {measure_text("cpu", queue.host)};
    return evidence;
  }

  static Finding found(const Case& run, const Granted& granted, const Queue& queue,
                       Finding finding) {
    finding.standing = Standing::found;
    finding.explains = granted.share;
    const bool overflowed = total(run.where.queue_full) > 0;
    if (!overflowed) finding.title = "accept queue long: the program accepts too slowly";
    // A queue that overflowed was full, whether or not a sample saw it.
    finding.confidence = overflowed ? Confidence::certain : Confidence::likely;
    if (overflowed) finding.evidence.push_back(overflow(run, queue));
    if (total(run.where.queue_full_unseen) > 0)
      finding.evidence.push_back(between_samples(run, queue));
    if (queue.peak > 0) finding.evidence.push_back(length(queue));
    Evidence idle = idle_cpu(run, queue);
    if (!idle.text.empty()) finding.evidence.push_back(std::move(idle));
    return finding;
  }

  static Finding finding_of_sessions(const Case& run, const Granted& granted, Finding finding) {
    const SessionSigns& signs = *run.load.sessions;
    if (!granted.material) {
      return not_observable(std::move(finding), "no server host in this trace");
    }
    finding.standing = Standing::found;
    finding.confidence = Confidence::likely;
    finding.explains = granted.share;
    Evidence evidence;
    evidence.text = fmt::format(
        "{} left {} connections unanswered and answered {}; of established ones {} "
        "lost a segment",
        signs.worst_server, count_text(signs.worst_unanswered), count_text(signs.worst_established),
        count_text(signs.retransmitted));
    evidence.query = fmt::format(
        "SELECT count(*) FROM connections_view WHERE role = 'session' AND "
        "peer = '{}' AND established_s IS NULL",
        signs.worst_server);
    evidence.measures = {measure_text("active_connections", signs.worst_server)};
    const Span span = span_of(run.load.failures.unanswered, run.seen.grid());
    evidence.from = span.from;
    evidence.to = span.to;
    ConnectionFilter unanswered;
    unanswered.role = "session";
    unanswered.reasons = {"timed_out"};
    unanswered.peer = signs.worst_server;
    evidence.connections = some_connections(run.seen, unanswered);
    finding.evidence.push_back(std::move(evidence));
    finding.remedies.push_back("confirm on the server: nstat TcpExtListenOverflows, ss -ltn");
    return finding;
  }

  static std::string without(const Case& run, const Queue& queue) {
    const double busy = total(run.where.queue_full_at_busy_cpu);
    if (busy > 0) {
      return fmt::format("{} handshakes dropped, while the CPU was fully busy", count_text(busy));
    }
    const double overflows = total(run.where.queue_full);
    if (overflows > 0) {
      return fmt::format("{} handshakes dropped, too few", count_text(overflows));
    }
    if (queue.limit > 0) {
      return fmt::format("peak {} of {}", count_text(queue.peak), count_text(queue.limit));
    }
    return "no overflow";
  }
};

}  // namespace

const Cause& accept_queue() {
  static const AcceptQueue kCause;
  return kCause;
}

}  // namespace elblab::diagnosis
