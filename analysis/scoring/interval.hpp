// How sure a share is that was counted in a sample.
#pragma once

#include <cstddef>

namespace elblab::scoring {

struct Interval {
  double low = 0;
  double high = 1;
};

// Wilson's score interval for `hits` of `runs`; z = 1.96: 95 %. No runs: 0 … 1.
// Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
// J. Am. Stat. Assoc. 22 (1927).
Interval wilson(std::size_t hits, std::size_t runs, double z = 1.959963984540054);

}  // namespace elblab::scoring
