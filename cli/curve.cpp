#include "cli/curve.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace elblab::cli {
namespace {

constexpr std::array<const char*, 8> kBlocks = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

std::vector<double> cell_means(const std::vector<trace::Point>& samples, Instant end,
                               std::size_t columns) {
  std::vector<double> sums(columns, 0);
  std::vector<std::size_t> counts(columns, 0);
  const double length = std::max(to_seconds(end), 1e-9);
  for (const auto& sample : samples) {
    // A sample stands for the interval that ends with it, so the last one belongs to the last cell.
    const double place = std::ceil(to_seconds(sample.at) / length * static_cast<double>(columns));
    const auto cell =
        static_cast<std::size_t>(std::clamp(place - 1, 0.0, static_cast<double>(columns - 1)));
    sums[cell] += sample.value;
    ++counts[cell];
  }
  for (std::size_t i = 0; i < columns; ++i) {
    if (counts[i] > 0) {
      sums[i] /= static_cast<double>(counts[i]);
    } else if (i > 0) {
      sums[i] = sums[i - 1];
    }
  }
  return sums;
}

}  // namespace

std::string curve(const std::vector<trace::Point>& samples, Instant end, std::size_t columns) {
  if (columns == 0) return {};
  const std::vector<double> cells = cell_means(samples, end, columns);
  const double top = *std::max_element(cells.begin(), cells.end());
  if (samples.empty() || !(top > 0)) return std::string(columns, ' ');
  std::string line;
  for (const double cell : cells) {
    const double eighths = std::ceil(cell / top * static_cast<double>(kBlocks.size()) - 1e-9);
    const auto index = static_cast<std::size_t>(
        std::clamp(eighths - 1, 0.0, static_cast<double>(kBlocks.size() - 1)));
    line += kBlocks[index];
  }
  return line;
}

}  // namespace elblab::cli
