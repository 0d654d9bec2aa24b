// BW-06, BW-01: more traffic than the bandwidth of the balancer's public address lets through:
// packets queue, and are dropped when the queue is full. Mean utilisation may be low (BW-02): short
// bursts are enough, so the drops decide and not the mean.
#include <fmt/format.h>

#include "analysis/diagnosis/causes/causes.hpp"
#include "analysis/diagnosis/evidence.hpp"

namespace elblab::diagnosis {
namespace {

constexpr double kBitsPerByte = 8;
constexpr double kMega = 1e6;
// Of all packets of the address; fewer are no more than noise to TCP.
constexpr double kNoticeableDrops = 0.001;

struct Use {
  double limit = 0;  // Mbit/s, 0: none recorded
  double peak = 0;   // of the busier direction, in any column
  double mean = 0;
};

Use use_of(const Observations& seen) {
  Use use;
  const Level* limit = seen.gauge("eip_bandwidth");
  if (limit != nullptr) use.limit = peak(limit->high);
  for (const char* measure : {"eip_bytes_in", "eip_bytes_out"}) {
    const Curve* bytes = seen.counter(measure);
    if (bytes == nullptr) continue;
    const double per_byte = kBitsPerByte / kMega;
    use.peak = std::max(use.peak, ratio(peak(*bytes) * per_byte, seen.grid().width_seconds()));
    use.mean = std::max(use.mean, ratio(total(*bytes) * per_byte, to_seconds(seen.grid().length)));
  }
  return use;
}

class Bandwidth final : public Cause {
 public:
  CauseId id() const override { return CauseId::bandwidth; }

  Claims claims(const Case& run) const override { return claims_on_the_network(run, id()); }

  Finding finding(const Case& run, const Granted& granted, Finding finding) const override {
    const Curve* dropped = run.seen.counter("eip_dropped");
    // Without a limit there are no samples (docs/measures.md).
    if (dropped == nullptr && run.seen.records("eip_dropped")) {
      return ruled_out(std::move(finding), "it has no limit");
    }
    if (dropped == nullptr) {
      return not_observable(std::move(finding), "the trace has no eip_dropped(balancer)");
    }
    const Use use = use_of(run.seen);
    const double drops = total(*dropped);
    if (granted.material) return found(run, granted, use, std::move(finding));
    if (!run.harmed && drops >= kNoticeableDrops * packets(run.seen)) {
      finding = found(run, granted, use, std::move(finding));
      finding.confidence = Confidence::possible;
      finding.title = "bandwidth of the public address exceeded at times";
      return finding;
    }
    if (use.limit > 0 && may_hide_between_samples(run, use.peak / use.limit)) {
      return not_observable(
          std::move(finding),
          fmt::format("{} of it used over {:.3g} s, but for parts of that it may "
                      "have been all",
                      percent_text(use.peak / use.limit), to_seconds(run.seen.sample_interval())));
    }
    return ruled_out(std::move(finding), without(use, drops));
  }

 private:
  static double packets(const Observations& seen) {
    double sum = 1;
    for (const char* measure : {"m5_in_pps", "m6_out_pps", "eip_dropped"}) {
      const Curve* curve = seen.counter(measure);
      if (curve != nullptr) sum += total(*curve);
    }
    return sum;
  }

  static Finding found(const Case& run, const Granted& granted, const Use& use, Finding finding) {
    finding.standing = Standing::found;
    finding.explains = granted.share;
    finding.confidence = Confidence::certain;
    if (total(*run.seen.counter("eip_dropped")) > 0) finding.evidence.push_back(drops(run));
    if (total(address_full(run.seen)) > 0) finding.evidence.push_back(fullness(run));
    finding.evidence.push_back(utilisation(use));
    return finding;
  }

  static Evidence drops(const Case& run) {
    const Curve& dropped = *run.seen.counter("eip_dropped");
    const Span span = span_of(dropped, run.seen.grid());
    Evidence evidence;
    evidence.text = fmt::format(
        "{} packets dropped at the limit of the address, {} of all, from "
        "{} on",
        count_text(total(dropped)), percent_text(total(dropped) / packets(run.seen)),
        time_text(span.from));
    evidence.query = sum_query("eip_dropped(balancer)");
    evidence.measures = {"eip_dropped(balancer)", "eip_queue(balancer)"};
    evidence.from = span.from;
    evidence.to = span.to;
    evidence.connections = some_given_up(run.seen, span.from);
    return evidence;
  }

  static Evidence fullness(const Case& run) {
    const Curve full = address_full(run.seen);
    const Level* queue = run.seen.gauge("eip_queue");
    const Span span = span_of(full, run.seen.grid());
    Evidence evidence;
    evidence.text = fmt::format(
        "for {:.1f} s, from {} on, the address passed all it may while up "
        "to {} B waited in front of it",
        total(full) * run.seen.grid().width_seconds(), time_text(span.from),
        count_text(peak(queue->high)));
    evidence.query = max_query("eip_queue(balancer)");
    evidence.measures = {"eip_queue(balancer)"};
    evidence.from = span.from;
    evidence.to = span.to;
    return evidence;
  }

  static Evidence utilisation(const Use& use) {
    Evidence evidence;
    evidence.text = fmt::format(
        "at most {:.2f} of {:.2f} Mbit/s passed in one direction over a "
        "sample interval, {:.2f} in the mean",
        use.peak, use.limit, use.mean);
    evidence.query = max_query("eip_bandwidth(balancer)");
    evidence.measures = {"eip_bytes_in(balancer)", "eip_bytes_out(balancer)",
                         "eip_bandwidth(balancer)"};
    return evidence;
  }

  static std::string without(const Use& use, double drops) {
    if (use.limit == 0) return "it has no limit";
    const std::string share = percent_text(use.peak / use.limit);
    if (drops == 0 && use.peak <= use.limit) {
      return fmt::format("peak {} of {:.4g} Mbit/s", share, use.limit);
    }
    if (drops == 0) {
      return fmt::format("bursts of {} of {:.4g} Mbit/s passed, nothing dropped", share, use.limit);
    }
    return fmt::format("peak {} of {:.4g} Mbit/s, {} packets dropped, too few", share, use.limit,
                       count_text(drops));
  }
};

}  // namespace

const Cause& bandwidth() {
  static const Bandwidth kCause;
  return kCause;
}

}  // namespace elblab::diagnosis
