#include "analysis/trace/resolution.hpp"

#include <algorithm>

#include "analysis/trace/schema.hpp"

namespace elblab::trace {

void Summary::append(const Summary& later) {
  if (later.n == 0) return;
  if (n == 0) {
    *this = later;
    return;
  }
  first_at = std::min(first_at, later.first_at);
  last_at = std::max(last_at, later.last_at);
  n += later.n;
  min = std::min(min, later.min);
  max = std::max(max, later.max);
  sum += later.sum;
  last = later.last;
}

void SeriesLevels::add(Instant at, double value, const Emit& emit) {
  add_to(0, Summary::of(at, value), emit);
}

void SeriesLevels::add_to(std::size_t index, const Summary& part, const Emit& emit) {
  if (index == levels_.size()) levels_.emplace_back();
  levels_[index].open.append(part);
  if (++levels_[index].parts < kLevelFactor) return;
  const Summary full = levels_[index].open;
  emit_open(index, emit);
  add_to(index + 1, full, emit);
}

void SeriesLevels::emit_open(std::size_t index, const Emit& emit) {
  Level& level = levels_[index];
  emit({series_, static_cast<std::uint32_t>(index + 1), level.next_bucket++, level.open});
  level.open = {};
  level.parts = 0;
}

void SeriesLevels::finish(const Emit& emit) {
  for (std::size_t index = 0; index < levels_.size(); ++index) {
    if (levels_[index].parts == 0) continue;
    const Summary rest = levels_[index].open;
    emit_open(index, emit);
    // The top level has one bucket or a few; a level above it would only repeat them.
    if (index + 1 < levels_.size()) {
      levels_[index + 1].open.append(rest);
      ++levels_[index + 1].parts;
    }
  }
}

}  // namespace elblab::trace
