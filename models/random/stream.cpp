#include "models/random/stream.hpp"

#include <cmath>

namespace elblab::random {
namespace {

constexpr std::uint64_t rotate_left(std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

std::uint64_t fnv1a(std::string_view text, std::uint64_t hash) {
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001B3ULL;
  }
  return hash;
}

constexpr std::uint64_t kFnvOffset = 0xCBF29CE484222325ULL;

}  // namespace

Stream::Stream(std::uint64_t seed, std::string_view name)
    : Stream(fnv1a(name, kFnvOffset ^ splitmix64(seed))) {}

Stream::Stream(std::uint64_t origin) : origin_(origin) { fill(origin); }

Stream Stream::child(std::string_view name) const {
  return Stream(fnv1a(name, fnv1a("/", origin_)));
}

void Stream::fill(std::uint64_t origin) {
  for (auto& word : state_) {
    origin += 0x9E3779B97F4A7C15ULL;
    word = splitmix64(origin);
  }
}

std::uint64_t Stream::next() {
  const std::uint64_t result = rotate_left(state_[1] * 5, 7) * 9;
  const std::uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = rotate_left(state_[3], 45);
  return result;
}

std::uint64_t Stream::below(std::uint64_t bound) {
  if (bound == 0) return 0;
  __extension__ using Wide = unsigned __int128;
  Wide product = static_cast<Wide>(next()) * bound;
  auto low = static_cast<std::uint64_t>(product);
  if (low < bound) {
    const std::uint64_t threshold = (0 - bound) % bound;
    while (low < threshold) {
      product = static_cast<Wide>(next()) * bound;
      low = static_cast<std::uint64_t>(product);
    }
  }
  return static_cast<std::uint64_t>(product >> 64);
}

double Stream::uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

double Stream::exponential(double mean) { return -mean * std::log1p(-uniform()); }

double Stream::normal(double mean, double deviation) {
  if (has_spare_) {
    has_spare_ = false;
    return mean + deviation * spare_normal_;
  }
  double u = 0;
  double v = 0;
  double s = 0;
  do {
    u = 2 * uniform() - 1;
    v = 2 * uniform() - 1;
    s = u * u + v * v;
  } while (s >= 1 || s == 0);
  const double factor = std::sqrt(-2 * std::log(s) / s);
  spare_normal_ = v * factor;
  has_spare_ = true;
  return mean + deviation * u * factor;
}

}  // namespace elblab::random
