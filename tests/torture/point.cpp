#include "tests/torture/point.hpp"

#include <fmt/format.h>

#include <array>
#include <random>

namespace elblab::torture {

Point point_of(std::uint64_t seed, std::uint64_t number, bool live) {
  std::seed_seq seeds{seed, number};
  std::mt19937_64 random(seeds);
  Point point;
  point.number = number;
  // In turn, so that few points have something of everything.
  point.deed = static_cast<Deed>(number % kDeeds);
  point.command = static_cast<Command>((number / kDeeds + number % kDeeds) % (live ? 4 : 3));
  point.moment = std::uniform_real_distribution<>(0, 1)(random);
  point.choice = random();
  return point;
}

std::string to_string(const Point& point) {
  constexpr std::array kDeedNames{"kill",     "signal",      "full disk",   "removed",
                                  "replaced", "two writers", "slow reader", "full output"};
  constexpr std::array kCommandNames{"run", "replay", "sweep", "live"};
  return fmt::format("point {}: {} {} at {:.3f}", point.number,
                     kCommandNames.at(static_cast<std::size_t>(point.command)),
                     kDeedNames.at(static_cast<std::size_t>(point.deed)), point.moment);
}

}  // namespace elblab::torture
