#include "models/forwarding/sticky_ends.hpp"

#include <algorithm>
#include <tuple>

namespace elblab::forwarding {
namespace {

// Of equal times the lower number first: the order does not depend on that of insertion.
bool is_later(const StickyEnds::Watched& a, const StickyEnds::Watched& b) {
  return std::tie(a.at, a.number, a.opened_at) > std::tie(b.at, b.number, b.opened_at);
}

}  // namespace

void StickyEnds::watch(const Watched& watched) {
  heap_.push_back(watched);
  std::push_heap(heap_.begin(), heap_.end(), is_later);
}

std::optional<StickyEnds::Watched> StickyEnds::take_due(Instant now) {
  if (heap_.empty() || heap_.front().at > now) return std::nullopt;
  std::pop_heap(heap_.begin(), heap_.end(), is_later);
  const Watched due = heap_.back();
  heap_.pop_back();
  return due;
}

void StickyEnds::look_again(Instant now) {
  for (Watched& each : heap_) each.at = now;
  order();
}

void StickyEnds::order() { std::make_heap(heap_.begin(), heap_.end(), is_later); }

}  // namespace elblab::forwarding
