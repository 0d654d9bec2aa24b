#include "sim/sampler.hpp"

#include <cmath>
#include <utility>

#include "sim/clock.hpp"

namespace elblab::sim {

using telemetry::MeasureKind;

Sampler::Sampler(Recording& recording, Duration interval)
    : recording_(recording),
      interval_(interval),
      timer_(this, &LazyTimer::call<&Sampler::sample_due>) {}

void Sampler::add(const telemetry::MeasureInfo& measure, telemetry::ObjectId object, Probe probe) {
  const auto kind =
      measure.kind == MeasureKind::counter ? trace::SeriesKind::counter : trace::SeriesKind::gauge;
  series_.push_back({recording_.add_series(measure.name, object, measure.unit, kind), measure.kind,
                     std::move(probe), 0});
}

void Sampler::start() {
  last_sample_ = now();
  timer_.arm(last_sample_ + interval_);
}

void Sampler::finish() {
  if (now() > last_sample_) sample(now());
}

void Sampler::sample_due() {
  sample(now());
  timer_.arm(now() + interval_);
}

void Sampler::sample(Instant at) {
  for (Series& series : series_) {
    const double value = series.probe();
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

}  // namespace elblab::sim
