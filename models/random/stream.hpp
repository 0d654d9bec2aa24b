// Named streams of random numbers derived from one seed per run.
//
// Every consumer asks for a stream by name ("c1/ports", "link/c1/loss"), so that adding a consumer
// never shifts the numbers another one draws. Generator: xoshiro256** (Blackman and Vigna, 2018),
// seeded through splitmix64 from the run's seed and an FNV-1a hash of the name. Satisfies
// UniformRandomBitGenerator, but use the members below: the standard library's distributions are
// not specified bit for bit, these are.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string_view>

namespace elblab::random {

class Stream {
 public:
  using result_type = std::uint64_t;

  Stream(std::uint64_t seed, std::string_view name);

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }
  result_type operator()() { return next(); }

  std::uint64_t next();
  // Uniform over [0, bound); bound 0 gives 0. Unbiased (Lemire's method with rejection).
  std::uint64_t below(std::uint64_t bound);
  // Uniform over [0, 1) with 53 bits.
  double uniform();
  // Exponentially distributed with the given mean.
  double exponential(double mean);
  // Normally distributed (Marsaglia's polar method; the spare is kept).
  double normal(double mean, double deviation);
  bool chance(double probability) { return uniform() < probability; }

  // A stream of its own below this one's name: child("x") of ("seed","a") is ("seed","a/x").
  Stream child(std::string_view name) const;

 private:
  explicit Stream(std::uint64_t origin);
  void fill(std::uint64_t origin);

  std::uint64_t origin_;
  std::array<std::uint64_t, 4> state_{};
  double spare_normal_ = 0;
  bool has_spare_ = false;
};

// The mixing function used for seeds and for keyed hashes that need no cryptographic strength.
constexpr std::uint64_t splitmix64(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

}  // namespace elblab::random
