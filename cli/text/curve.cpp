#include "cli/text/curve.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace elblab::cli {
namespace {

constexpr std::array<const char*, 8> kBlocks = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr auto kSteps = static_cast<double>(kBlocks.size());

const char* block_of(double share) {
  const double eighths = std::ceil(share * kSteps - 1e-9);
  return kBlocks[static_cast<std::size_t>(std::clamp(eighths, 1.0, kSteps)) - 1];
}

}  // namespace

std::string curve(const std::vector<trace::Bucket>& buckets) {
  double top = 0;
  for (const auto& bucket : buckets) top = std::max(top, bucket.mean());
  if (!(top > 0)) return std::string(buckets.size(), ' ');
  std::string line;
  double value = 0;
  for (const auto& bucket : buckets) {
    if (bucket.count > 0) value = bucket.mean();
    line += block_of(value / top);
  }
  return line;
}

}  // namespace elblab::cli
