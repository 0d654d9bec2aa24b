// BW-05: a server's CPUs are fully busy. It answers as many requests per second as they can work
// off, the others wait, longer and longer, until their users give up.
//
// What waits at a busy CPU counts for it, and so does what such a host leaves in its accept queue,
// and the ports that waiting requests hold.
#include <fmt/format.h>

#include "analysis/diagnosis/causes/causes.hpp"
#include "analysis/diagnosis/evidence.hpp"

namespace elblab::diagnosis {
namespace {

double busiest_percent(const Observations& seen) {
  double most = 0;
  for (const std::string& host : seen.objects(MeasureScope::host)) {
    const Level* cpu = seen.gauge("cpu", MeasureScope::host, host);
    if (cpu != nullptr) most = std::max(most, peak(cpu->mean));
  }
  return most;
}

class ServerCpu final : public Cause {
 public:
  CauseId id() const override { return CauseId::server_cpu; }

  Claims claims(const Case& run) const override {
    Claims claims;
    claims.waiting = run.where.at_busy_cpus;
    claims.syns = run.where.queue_full_at_busy_cpu;
    claim_held_ports(run, claims);
    return claims;
  }

  Finding finding(const Case& run, const Granted& granted, Finding finding) const override {
    if (!run.seen.summed("cpu", MeasureScope::host)) {
      return not_observable(std::move(finding), run.seen.has_hosts()
                                                    ? "the trace has no CPU of a server"
                                                    : "no server host in this trace");
    }
    if (granted.material) return found(run, granted, std::move(finding));
    const double busiest = busiest_percent(run.seen);
    if (busiest > 0 && may_hide_between_samples(run, busiest / 100)) {
      return not_observable(
          std::move(finding),
          fmt::format("at most {:.0f} % busy over {:.3g} s, but for parts of that "
                      "it may have been fully",
                      busiest, to_seconds(run.seen.sample_interval())));
    }
    return ruled_out(std::move(finding),
                     busiest > 0 ? fmt::format("at most {:.0f} % busy", busiest) : "idle");
  }

 private:
  static Finding found(const Case& run, const Granted& granted, Finding finding) {
    std::vector<std::string> hosts;
    Curve busy(run.seen.grid().columns, 0.0);
    for (const auto& [host, when] : run.where.busy) {
      if (total(when) == 0) continue;
      hosts.push_back(host);
      add(busy, when);
    }
    finding.standing = Standing::found;
    finding.explains = granted.share;
    finding.confidence =
        run.seen.summed("requests_waiting", MeasureScope::host) && granted.share >= 0.2
            ? Confidence::certain
            : Confidence::likely;
    const Span span = span_of(busy, run.seen.grid());
    if (hosts.empty()) return finding;
    finding.evidence.push_back(busyness(run, hosts, span));
    finding.evidence.push_back(queue(run, longest(run, hosts), span));
    if (hosts.size() < run.seen.objects(MeasureScope::server).size()) {
      finding.remedies.push_back("compare weights: other servers had CPU to spare");
    }
    return finding;
  }

  static std::string longest(const Case& run, const std::vector<std::string>& hosts) {
    std::string longest = hosts.front();
    double most = 0;
    for (const std::string& host : hosts) {
      const Level* waiting = run.seen.gauge("requests_waiting", MeasureScope::host, host);
      if (waiting == nullptr || peak(waiting->high) <= most) continue;
      most = peak(waiting->high);
      longest = host;
    }
    return longest;
  }

  static Evidence busyness(const Case& run, const std::vector<std::string>& hosts, Span span) {
    Evidence evidence;
    double seconds = 0;
    for (const std::string& host : hosts) {
      seconds = std::max(seconds, total(run.where.busy.at(host)) * run.seen.grid().width_seconds());
    }
    evidence.text = fmt::format("the CPUs of {} were fully busy for {:.1f} s, from {} on",
                                list_text(hosts), seconds, time_text(span.from));
    for (const std::string& host : hosts) evidence.measures.push_back(measure_text("cpu", host));
    evidence.query = fmt::format(
        "SELECT count(*) FROM samples_view WHERE measure = '{}' AND value "
        ">= 98",
        evidence.measures.front());
    evidence.from = span.from;
    evidence.to = span.to;
    evidence.connections = some_given_up(run.seen, span.from);
    return evidence;
  }

  static Evidence queue(const Case& run, const std::string& host, Span span) {
    Evidence evidence;
    const std::string measure = measure_text("requests_waiting", host);
    const Level* waiting = run.seen.gauge("requests_waiting", MeasureScope::host, host);
    const Curve* served = run.seen.counter("served", MeasureScope::host, host);
    const Curve& busy = run.where.busy.at(host);
    evidence.text = fmt::format("{} reached {}", measure,
                                count_text(waiting == nullptr ? 0 : peak(waiting->high)));
    if (served != nullptr) {
      double answered = 0;
      for (std::size_t i = 0; i < busy.size(); ++i) answered += busy[i] * (*served)[i];
      const double rate = ratio(answered, total(busy) * run.seen.grid().width_seconds());
      evidence.text += fmt::format(", while {} answered {:.1f}/s, all it can", host, rate);
      evidence.measures.push_back(measure_text("served", host));
    }
    evidence.measures.insert(evidence.measures.begin(), measure);
    evidence.query = max_query(measure);
    evidence.from = span.from;
    evidence.to = span.to;
    return evidence;
  }
};

}  // namespace

const Cause& server_cpu() {
  static const ServerCpu kCause;
  return kCause;
}

}  // namespace elblab::diagnosis
