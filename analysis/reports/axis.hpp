// Where an axis has its ticks and what stands beside them.
//
// Steps are 1, 2 or 5 times a power of ten; of time also 15, 30 and 60 and their multiples, so that
// minutes are whole. Labels have as many digits as tell neighbours apart, and units that keep them
// short: "28k", "1.5 MB".
#pragma once

#include <string>
#include <vector>

namespace elblab::reports {

struct Tick {
  double at = 0;
  std::string label;
};

class Axis {
 public:
  // Of values from 0 (or `low`, where it is below) to at least `high`, ending at a tick; about
  // `ticks` of them. Bounds that are no numbers count as 0.
  static Axis of_values(double low, double high, std::size_t ticks);
  // Of seconds from `from` to `to`, ticks inside; as many as have room for their labels.
  static Axis of_time(double from, double to, std::size_t ticks);

  double low() const { return low_; }
  double high() const { return high_; }
  const std::vector<Tick>& ticks() const { return ticks_; }
  // 0 at low, 1 at high.
  double share_of(double value) const { return (value - low_) / (high_ - low_); }

 private:
  double low_ = 0;
  double high_ = 1;
  std::vector<Tick> ticks_;
};

}  // namespace elblab::reports
