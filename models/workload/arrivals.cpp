#include "models/workload/arrivals.hpp"

namespace elblab::workload {

ArrivalProcess::ArrivalProcess(Arrivals kind, double rate_per_second, random::Stream stream)
    : kind_(kind), rate_per_second_(rate_per_second), stream_(stream) {}

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

void ArrivalProcess::settle(double seconds_after_begin) {
  constexpr double kBeyondEveryRun = 9e9;  // s; about 2^63 ns
  if (seconds_after_begin >= kBeyondEveryRun - to_seconds(begin_)) {
    next_ = kNever;
    return;
  }
  const Instant at = begin_ + from_seconds(seconds_after_begin);
  next_ = at < end_ ? at : kNever;
}

}  // namespace elblab::workload
