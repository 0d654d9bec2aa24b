#include "live/loop.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace elblab::live {
namespace {

// Ids in the queue: ports, then hosts, then the descriptor that ends turns.
constexpr std::uint32_t kEnd = std::numeric_limits<std::uint32_t>::max();

// Of one port in a row: no more than its ring holds.
constexpr int kMostPortions = 16;

}  // namespace

Loop::Loop(const RunClock& clock, Balancer& balancer, std::vector<KernelHost*> hosts)
    : clock_(clock), balancer_(balancer), hosts_(std::move(hosts)) {}

Failure Loop::open() {
  if (auto failure = queue_.open()) return failure;
  std::uint32_t id = 0;
  for (std::size_t i = 0; i < balancer_.ports(); ++i) {
    if (auto failure = queue_.watch(balancer_.port(i).descriptor(), id++)) return failure;
  }
  for (const KernelHost* host : hosts_) {
    if (auto failure = queue_.watch(host->descriptor(), id++)) return failure;
  }
  return std::nullopt;
}

Failure Loop::end_turns_at(int descriptor) { return queue_.watch(descriptor, kEnd); }

Instant Loop::next_deadline() const {
  Instant next = balancer_.next_deadline();
  for (const KernelHost* host : hosts_) next = std::min(next, host->next_deadline());
  return next;
}

bool Loop::turn(Instant limit) {
  ++turns_;
  note_delay(clock_.now() - woke_at_);
  const Instant until = std::min(limit, next_deadline());
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
    } else if (id < balancer_.ports()) {
      forward(id);
    } else {
      hosts_[id - balancer_.ports()]->handle(clock_.now());
      for (std::size_t port = 0; port < balancer_.ports(); ++port) forward(port);
    }
  }
  return ended;
}

void Loop::forward(std::size_t port) {
  for (int portion = 0; portion < kMostPortions; ++portion) {
    if (!balancer_.serve(port, clock_.now())) return;
  }
}

void Loop::advance_due() {
  if (const Instant now = due_until(); balancer_.next_deadline() <= now) balancer_.advance(now);
  for (KernelHost* host : hosts_) {
    if (const Instant now = due_until(); host->next_deadline() <= now) host->advance(now);
  }
}

}  // namespace elblab::live
