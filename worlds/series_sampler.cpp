#include "worlds/series_sampler.hpp"

#include <cmath>
#include <utility>

namespace elblab::worlds {

using telemetry::MeasureKind;

void SeriesSampler::add(const telemetry::MeasureInfo& measure, telemetry::ObjectId object,
                        Probe probe) {
  const auto kind =
      measure.kind == MeasureKind::counter ? trace::SeriesKind::counter : trace::SeriesKind::gauge;
  series_.push_back({recording_.add_series(measure.name, object, measure.unit, kind), measure.kind,
                     std::move(probe), 0});
}

void SeriesSampler::add_latencies(telemetry::ObjectId workload, LatencyProbe probe) {
  if (recording_.is_written()) latencies_.push_back({workload, std::move(probe), {}});
}

void SeriesSampler::start(Instant now) {
  last_sample_ = now;
  next_ = now + interval_;
}

void SeriesSampler::advance(Instant now) {
  if (now < next_) return;
  sample(now);
  while (next_ <= now) next_ += interval_;
}

void SeriesSampler::finish(Instant now) {
  if (now > last_sample_) sample(now);
  next_ = kNever;
}

void SeriesSampler::sample(Instant at) {
  for (Series& series : series_) {
    const double value = series.probe(at);
    if (std::isnan(value)) continue;
    if (series.kind == MeasureKind::gauge) {
      recording_.recorder().sample(series.id, at, value);
    } else {
      recording_.recorder().sample(series.id, at, value - series.last_total);
      series.last_total = value;
    }
  }
  for (Latencies& latencies : latencies_) sample_latencies(latencies, at);
  last_sample_ = at;
}

void SeriesSampler::sample_latencies(Latencies& latencies, Instant at) {
  const workload::LatencyHistogram total = latencies.probe();
  if (total.count() == latencies.last_total.count()) return;
  for (std::uint32_t bucket = 0; bucket < workload::LatencyHistogram::kBuckets; ++bucket) {
    const std::uint64_t n = total.in_bucket(bucket) - latencies.last_total.in_bucket(bucket);
    if (n > 0) recording_.recorder().latency({latencies.workload, bucket, at, n});
  }
  latencies.last_total = total;
}

}  // namespace elblab::worlds
