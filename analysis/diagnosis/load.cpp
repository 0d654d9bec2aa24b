#include "analysis/diagnosis/load.hpp"

#include <cmath>

#include "analysis/diagnosis/packet_book.hpp"
#include "analysis/diagnosis/session_load.hpp"

namespace elblab::diagnosis {
namespace {

Curve zeros(const Observations& seen) { return Curve(seen.grid().columns, 0.0); }

Curve sum_or_zero(const Observations& seen, std::string_view measure, MeasureScope scope) {
  return seen.summed(measure, scope).value_or(zeros(seen));
}

Curve sum_over_clients(const Observations& seen, std::string_view measure) {
  Curve sum = zeros(seen);
  for (const std::string& host : seen.objects(MeasureScope::host)) {
    const Curve* curve = seen.counter(measure, MeasureScope::host, host);
    if (curve != nullptr && is_client(seen, host)) add(sum, *curve);
  }
  return sum;
}

// Failed connects that were answered by RST. Counted in all; in time they stand where the resets
// do.
Curve rejected_connects(const Observations& seen, const Curve& failed) {
  const auto rejected = static_cast<double>(seen.ended("client", "refused_by_peer"));
  Curve curve = zeros(seen);
  if (rejected <= 0) return curve;
  const Curve resets = sum_over_clients(seen, "resets_received");
  for (std::size_t i = 0; i < curve.size(); ++i) curve[i] = std::min(failed[i], resets[i]);
  const double scale = std::min(1.0, ratio(rejected, total(curve)));
  for (double& value : curve) value *= scale;
  return curve;
}

// Requests that ended with a RST on their connection, of those that failed without a whole answer.
// Counted in all; in time they stand where the resets do.
Curve reset_requests(const Observations& seen, const Curve& broken, const Curve& rejected) {
  const auto reset = static_cast<double>(seen.ended("client", "reset_by_peer"));
  Curve curve = zeros(seen);
  if (reset <= 0) return curve;
  const Curve resets = sum_over_clients(seen, "resets_received");
  for (std::size_t i = 0; i < curve.size(); ++i) {
    curve[i] = std::min(broken[i], std::max(0.0, resets[i] - rejected[i]));
  }
  const double scale = std::min(1.0, ratio(reset, total(curve)));
  for (double& value : curve) value *= scale;
  return curve;
}

Curve minus(const Curve& a, const Curve& b) {
  Curve result = a;
  for (std::size_t i = 0; i < result.size(); ++i) result[i] = std::max(0.0, a[i] - b[i]);
  return result;
}

Curve lesser(const Curve& a, const Curve& b) {
  Curve result = a;
  for (std::size_t i = 0; i < result.size(); ++i) result[i] = std::min(a[i], b[i]);
  return result;
}

// As lesser(), of what follows within a moment: what one column of b has too many may count for the
// next one of a.
Curve lesser_at_once(const Curve& a, const Curve& b) {
  Curve result = a;
  double left_over = 0;
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i] = std::min(a[i], b[i] + left_over);
    left_over = std::min(b[i], b[i] + left_over - result[i]);
  }
  return result;
}

Curve under_way(const Curve& wanted, const Curve& answered, const Curve& failed) {
  Curve result;
  double before = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const double after = std::max(0.0, before + wanted[i] - answered[i] - failed[i]);
    result.push_back((before + after) / 2);
    before = after;
  }
  return result;
}

// Answers per second times the best mean response time of any column (Little's law).
void add_usual(const Observations& seen, const std::string& workload, Curve& usual) {
  const Level* time = seen.gauge("response_time", MeasureScope::workload, workload);
  const Curve* answered = seen.counter("responses", MeasureScope::workload, workload);
  if (time == nullptr || answered == nullptr) return;
  double best = 0;
  for (std::size_t i = 0; i < answered->size(); ++i) {
    const bool better = best == 0 || time->low[i] < best;
    if ((*answered)[i] > 0 && time->low[i] > 0 && better) best = time->low[i];
  }
  const double seconds = best / 1000;
  for (std::size_t i = 0; i < usual.size(); ++i) {
    usual[i] += (*answered)[i] / seen.grid().width_seconds() * seconds;
  }
}

// How long users wait before they give up: the longest of some that did, and as long again for
// those who try twice or wait for a connection first.
Duration patience_of(const Observations& seen) {
  ConnectionFilter given_up;
  given_up.role = "client";
  given_up.reasons = {"reset_by_local", "timed_out"};
  Duration longest{0};
  for (const auto& row : seen.connections(given_up, 50)) {
    longest = std::max(longest, row.closed_at - row.opened_at);
  }
  return longest > Duration{0} ? 2 * longest : std::chrono::seconds(30);
}

// Requests wanted so long before the end that they should have ended, by the order of arrival: what
// ended later than others counts for them, so rather too few.
double left_waiting(const Observations& seen, const Load& load, const Curve& failed) {
  double best_seconds =
      ratio(total(load.usually_under_way), total(load.answered)) * seen.grid().width_seconds();
  const Duration normal = from_seconds(std::max(1.0, 10 * best_seconds));
  const std::size_t last = seen.grid().covering(normal) + 1;
  if (last >= load.wanted.size()) return 0;
  const double ended = total(load.answered) + total(failed);
  const double old = std::accumulate(load.wanted.begin(),
                                     load.wanted.end() - static_cast<std::ptrdiff_t>(last), 0.0);
  return std::max(0.0, old - ended);
}

Load load_of_workloads(const Observations& seen, const QuicBook& quic) {
  Load load;
  const auto of_workloads = [&](std::string_view measure) {
    return sum_or_zero(seen, measure, MeasureScope::workload);
  };
  load.wanted = of_workloads("requests");
  load.answered = of_workloads("responses");
  load.slow = of_workloads("slow_responses");
  const Curve failed = of_workloads("request_failures");
  const Curve failed_connects = sum_over_clients(seen, "failed");
  Failures& failures = load.failures;
  failures.refused = sum_over_clients(seen, "refused_locally");
  failures.rejected = rejected_connects(seen, failed_connects);
  failures.unanswered = minus(failed_connects, failures.rejected);
  load.attempts = total(sum_over_clients(seen, "opened")) + total(failures.refused);
  load.connection_per_request = load.attempts >= total(load.wanted) / 2;
  failures.broken = failed;
  if (load.connection_per_request) {
    failures.broken = minus(minus(failed, failures.refused), failed_connects);
  }
  failures.unreachable = lesser(failures.broken, unreachables_of_servers(seen));
  failures.broken = minus(failures.broken, failures.unreachable);
  failures.reset = reset_requests(seen, failures.broken, failures.rejected);
  failures.broken = minus(failures.broken, failures.reset);
  failures.disowned = lesser_at_once(failures.broken, quic.disowned);
  failures.broken = minus(failures.broken, failures.disowned);
  load.syns_unanswered = sum_over_clients(seen, "syn_retransmissions");
  add(load.syns_unanswered, failures.unanswered);
  load.under_way = under_way(load.wanted, load.answered, failed);
  load.usually_under_way = zeros(seen);
  for (const auto& workload : seen.objects(MeasureScope::workload)) {
    add_usual(seen, workload, load.usually_under_way);
  }
  failures.left = left_waiting(seen, load, failed);
  load.lost_on_the_way = lost_packets(seen);
  load.packets_sent = total(sum_or_zero(seen, "packets_out", MeasureScope::host));
  load.patience = seen.grid().covering(patience_of(seen));
  return load;
}

}  // namespace

double Failures::total() const {
  return diagnosis::total(refused) + diagnosis::total(unanswered) + diagnosis::total(rejected) +
         diagnosis::total(unreachable) + diagnosis::total(reset) + diagnosis::total(disowned) +
         diagnosis::total(broken) + left;
}

Curve unreachables_of_servers(const Observations& seen) {
  Curve sum = zeros(seen);
  for (const std::string& host : server_hosts(seen)) {
    const Curve* sent = seen.counter("icmp_unreachable_sent", MeasureScope::host, host);
    if (sent != nullptr) add(sum, *sent);
  }
  return sum;
}

bool is_client(const Observations& seen, const std::string& host) {
  for (const std::string_view measure : {"opened", "refused_locally", "failed"}) {
    const Curve* curve = seen.counter(measure, MeasureScope::host, host);
    if (curve != nullptr && total(*curve) > 0) return true;
  }
  return false;
}

Load observe_load(const Observations& seen, const SessionBook& sessions, const QuicBook& quic) {
  return seen.has_workloads() ? load_of_workloads(seen, quic) : load_of_sessions(seen, sessions);
}

}  // namespace elblab::diagnosis
