#include "live/loop.hpp"

namespace elblab::live {
namespace {

// Ids in the queue: places of things, and this, the descriptor that ends turns.
constexpr std::uint32_t kEnd = Loop::kNowhere;

// Of one thing in a row: no more than a port's ring holds.
constexpr int kMostPortions = 16;

}  // namespace

Loop::Place Loop::add(Pollable& thing, Place fed) {
  things_.push_back({&thing, fed});
  return deadlines_.add(thing);
}

Expected<void> Loop::open() {
  if (auto done = queue_.open(); !done) return done;
  for (Place place = 0; place < things_.size(); ++place) {
    const int descriptor = things_[place].thing->descriptor();
    if (descriptor == Pollable::kNoDescriptor) continue;
    if (auto done = queue_.watch(descriptor, place); !done) return done;
  }
  return {};
}

Expected<void> Loop::end_turns_at(int descriptor) { return queue_.watch(descriptor, kEnd); }

bool Loop::turn(Instant limit) {
  ++turns_;
  settle();
  note_delay(clock_.now() - woke_at_);
  const Instant until = std::min(limit, deadlines_.earliest());
  const auto ready = queue_.wait(until - clock_.now());
  woke_at_ = clock_.now();
  note_delay(woke_at_ - until);
  const bool ended = serve(ready);
  advance_due();
  return ended;
}

bool Loop::serve(std::span<const std::uint32_t> ready) {
  bool ended = false;
  for (const std::uint32_t id : ready) {
    if (id == kEnd) {
      ended = true;
      continue;
    }
    serve(Place{id});
    if (const Place fed = things_[id].fed; fed != kNowhere) serve(fed);
  }
  return ended;
}

void Loop::serve(Place place) {
  for (int portion = 0; portion < kMostPortions; ++portion) {
    deadlines_.moved(place);
    const bool more = things_[place].thing->ready(clock_.now());
    settle();
    if (!more) return;
  }
}

void Loop::advance_due() {
  for (std::size_t place = 0;; ++place) {
    const Instant now = due_until();
    place = deadlines_.first_due(place, now);
    if (place == things_.size()) return;
    deadlines_.moved(static_cast<Place>(place));
    things_[place].thing->advance(now);
    settle();
  }
}

void Loop::settle() {
  deadlines_.settle([this](Place place) { things_[place].thing->flush(); });
}

}  // namespace elblab::live
