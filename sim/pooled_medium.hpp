// A point-to-point medium in pooled buffers: the same arithmetic as an ns-3 point-to-point channel
// without its per-packet objects and without its two bytes of PPP, for volume.
//
//   transmission starts  max(now, end of the one before)
//   lasts                8 * bytes / rate, rounded to a nanosecond
//   arrives              its end + delay
//   queue                packets whose transmission has not started; tail drop at the limit (the
//                        one in transmission does not count, as in ns-3's device)
//
// At most one pending event per direction; all packets due at its instant come out in one go.
// transmit() is O(1) amortised.
#pragma once

#include <array>
#include <vector>

#include "scenarios/language/scenario.hpp"
#include "sim/lazy_timer.hpp"
#include "sim/medium.hpp"
#include "sim/packet_fifo.hpp"

namespace elblab::sim {

class Link;

class PooledMedium final : public Medium {
 public:
  // link must outlive the medium.
  PooledMedium(Link& link, const language::Link& parameters);

  telemetry::Reason transmit(End from, std::span<const std::uint8_t> packet) override;
  std::uint64_t capacity_packets(End from) const override;

 private:
  class Lane {
   public:
    Lane(PooledMedium& medium, End from);
    telemetry::Reason transmit(std::span<const std::uint8_t> packet);
    std::uint64_t size() const { return in_flight_.size(); }

   private:
    bool waits(Instant start, Instant present);
    void drain();

    PooledMedium& medium_;
    End from_;
    LazyTimer timer_;
    Instant busy_until_ = kStart;
    PacketFifo in_flight_;
    // Starts of the waiting packets' transmissions: a ring, sized when first needed.
    std::vector<Instant> waiting_;
    std::size_t first_waiting_ = 0;
    std::size_t waiting_count_ = 0;
  };

  Link& link_;
  double nanoseconds_per_byte_;
  Duration delay_;
  std::uint32_t queue_packets_;
  std::array<Lane, 2> lanes_;  // by the end they come from
};

}  // namespace elblab::sim
