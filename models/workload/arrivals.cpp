#include "models/workload/arrivals.hpp"

namespace elblab::workload {

ArrivalProcess::ArrivalProcess(Arrivals kind, double rate_per_second, random::Stream stream,
                               OnOff on_off)
    : kind_(kind), rate_per_second_(rate_per_second), stream_(stream), on_off_(on_off) {}

void ArrivalProcess::start(Instant begin, Instant end) {
  begin_ = begin;
  end_ = end;
  count_ = 0;
  elapsed_ = 0;
  if (!(rate_per_second_ > 0)) {
    next_ = kNever;
    return;
  }
  if (kind_ == Arrivals::poisson) elapsed_ = stream_.exponential(1 / rate_per_second_);
  settle(elapsed_);
}

void ArrivalProcess::take() {
  ++count_;
  if (kind_ == Arrivals::poisson) {
    elapsed_ += stream_.exponential(1 / rate_per_second_);
    settle(elapsed_);
  } else {
    // From the count, not by adding gaps: no rounding error gathers over a long run.
    settle(static_cast<double>(count_) / rate_per_second_);
  }
}

void ArrivalProcess::settle(double seconds_on) {
  constexpr double kBeyondEveryRun = 9e9;  // s; about 2^63 ns
  const double share =
      on_off_.off > Duration{0} ? to_seconds(on_off_.on) / to_seconds(on_off_.on + on_off_.off) : 1;
  if (seconds_on >= (kBeyondEveryRun - to_seconds(begin_)) * share) {
    next_ = kNever;
    return;
  }
  const Duration since_bursts_began =
      on_off_.with_pauses(on_off_.elapsed + from_seconds(seconds_on));
  const Instant at = begin_ + (since_bursts_began - on_off_.with_pauses(on_off_.elapsed));
  next_ = at < end_ ? at : kNever;
}

}  // namespace elblab::workload
