// What every input must leave true. Ends the program where it does not, as a fuzzer expects.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace elblab::fuzz {

inline void expect(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

}  // namespace elblab::fuzz
