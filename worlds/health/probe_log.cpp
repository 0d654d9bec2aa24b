#include "worlds/health/probe_log.hpp"

#include <algorithm>

namespace elblab::worlds {

void ProbeLog::note(std::size_t number, const telemetry::ProbeRecord& probe, bool changed) {
  if (keeping_ == PacketKeeping::none) return;
  Pair& pair = pairs_[number];
  if (changed) {
    keep_recent(pair);
    pair.keep = kAround + 1;
  }
  if (keeping_ == PacketKeeping::all || pair.keep > 0) {
    if (pair.keep > 0) --pair.keep;
    recorder_.probe(probe);
    return;
  }
  pair.recent[pair.next] = probe;
  pair.next = (pair.next + 1) % kAround;
  pair.waiting = std::min(pair.waiting + 1, kAround);
}

void ProbeLog::keep_recent(Pair& pair) {
  for (std::size_t i = pair.waiting; i > 0; --i) {
    recorder_.probe(pair.recent[(pair.next + kAround - i) % kAround]);
  }
  pair.waiting = 0;
}

}  // namespace elblab::worlds
