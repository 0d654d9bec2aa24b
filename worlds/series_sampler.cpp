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
  last_sample_ = at;
}

}  // namespace elblab::worlds
