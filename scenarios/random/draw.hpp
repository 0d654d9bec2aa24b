// Draws from a stream, rounded to what a person would write in a file: arithmetic on a drawn value
// and the value in the file are then the same.
#pragma once

#include <cmath>
#include <initializer_list>

#include "models/random/stream.hpp"

namespace elblab::random_scenarios {

// To so many significant digits.
inline double rounded(double value, int digits = 3) {
  if (value == 0) return 0;
  const double unit = std::pow(10, std::floor(std::log10(std::abs(value))) - (digits - 1));
  return std::round(value / unit) * unit;
}

class Draw {
 public:
  explicit Draw(random::Stream stream) : stream_(stream) {}

  bool chance(double probability) { return stream_.chance(probability); }
  double uniform(double low, double high) {
    return rounded(low + (high - low) * stream_.uniform());
  }
  // As likely between 1 and 10 as between 10 and 100.
  double scale(double low, double high) {
    return rounded(low * std::pow(high / low, stream_.uniform()));
  }
  unsigned whole(unsigned low, unsigned high) {  // both included
    return low + static_cast<unsigned>(stream_.below(high - low + 1));
  }
  template <typename T>
  T one_of(std::initializer_list<T> values) {
    return values.begin()[stream_.below(values.size())];
  }

 private:
  random::Stream stream_;
};

}  // namespace elblab::random_scenarios
