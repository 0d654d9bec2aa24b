#include "live/loop.hpp"

namespace elblab::live {
namespace {

// Ids in the queue: places of things, and this, the descriptor that ends turns.
constexpr std::uint32_t kEnd = Loop::kNowhere;

// Of one thing in a row: no more than a port's ring holds.
constexpr int kMostPortions = 16;

}  // namespace

Loop::~Loop() {
  for (const Thing& each : things_) each.thing->stirs(nullptr, 0);
}

Loop::Place Loop::add(Pollable& thing, Place fed) {
  const auto place = static_cast<Place>(deadlines_.add());
  things_.push_back({&thing, fed});
  thing.stirs(this, place);
  stirred(place);
  return place;
}

Failure Loop::open() {
  if (auto failure = queue_.open()) return failure;
  for (Place place = 0; place < things_.size(); ++place) {
    const int descriptor = things_[place].thing->descriptor();
    if (descriptor == Pollable::kNoDescriptor) continue;
    if (auto failure = queue_.watch(descriptor, place)) return failure;
  }
  return std::nullopt;
}

Failure Loop::end_turns_at(int descriptor) { return queue_.watch(descriptor, kEnd); }

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
    stirred(place);
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
    stirred(static_cast<Place>(place));
    things_[place].thing->advance(now);
    settle();
  }
}

void Loop::ask_all() {
  for (Place place = 0; place < things_.size(); ++place) stirred(place);
}

void Loop::stirred(Place place) {
  if (things_[place].stirred) return;
  things_[place].stirred = true;
  stirred_.push_back(place);
}

void Loop::settle() {
  for (std::size_t i = 0; i < stirred_.size(); ++i) {
    const Place place = stirred_[i];
    things_[place].stirred = false;
    things_[place].thing->flush();
    deadlines_.set(place, things_[place].thing->next_deadline());
  }
  stirred_.clear();
}

}  // namespace elblab::live
