#include "pcap/conversations/trace_clock.hpp"

#include <algorithm>

namespace elblab::pcap {

Duration TraceClock::take(std::int64_t epoch_ns) {
  if (!started_) {
    started_ = true;
    first_ns_ = last_ns_ = epoch_ns;
    offset_ns_ = -epoch_ns;  // readers give 0 to kLatest
    return now_;
  }
  const std::int64_t step = epoch_ns - last_ns_;
  last_ns_ = epoch_ns;
  if (step < -kSetBack.count()) {
    ++set_back_;
    offset_ns_ -= step;
  } else if (step > kGap.count()) {
    ++gaps_;
    offset_ns_ -= step;
  }
  const Duration at{std::max<std::int64_t>(epoch_ns + offset_ns_, 0)};
  now_ = std::max(now_, at);
  return at;
}

}  // namespace elblab::pcap
