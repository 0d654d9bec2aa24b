// Which probes a trace keeps: all of them, or those around a changed verdict and the first ones of
// each node and server. Between changes they are alike, and a large balancer sends thousands a
// second.
//
// Memory: kAround records for each node and server.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "models/telemetry/recorder.hpp"
#include "worlds/packets/packet_keeping.hpp"

namespace elblab::worlds {

class ProbeLog {
 public:
  static constexpr std::size_t kAround = 8;  // before a change and after it

  // pairs: of node and server, by number. recorder must outlive the log.
  ProbeLog(std::size_t pairs, PacketKeeping keeping, telemetry::Recorder& recorder)
      : keeping_(keeping), recorder_(recorder), pairs_(pairs) {}

  // Handed over in the order of a pair's probes; changed: the verdict changed with it.
  void note(std::size_t pair, const telemetry::ProbeRecord& probe, bool changed);

 private:
  struct Pair {
    std::array<telemetry::ProbeRecord, kAround> recent{};  // not kept so far, a ring
    std::size_t waiting = 0;
    std::size_t next = 0;
    std::size_t keep = kAround;  // of those to come
  };

  void keep_recent(Pair& pair);

  PacketKeeping keeping_;
  telemetry::Recorder& recorder_;
  std::vector<Pair> pairs_;
};

}  // namespace elblab::worlds
