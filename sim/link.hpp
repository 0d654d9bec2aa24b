// A link between a host and a fabric, or between two fabrics, as both of its ends see it.
//
//   send() -> [link down?] -> Medium (queue, rate, delay) -> [down? lost? held back?] -> arrive()
//
// Loss and jitter act where the packet leaves the medium, so a lost packet has used the link.
// A host that runs ns-3's own stack owns its end of the medium ("native"): packets towards it meet
// loss and jitter before the medium instead, since nothing of ours stands behind it.
//
// Invariant, per direction: sent == delivered + dropped(all reasons) + in flight, and no more are
// in flight than the medium and the delay line can hold. Every drop gives one packet_dropped event.
// The capture, if any, shows what the first end sees, a host's.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "models/random/stream.hpp"
#include "models/telemetry/recorder.hpp"
#include "pcap/writer.hpp"
#include "sim/delay_line.hpp"
#include "sim/medium.hpp"
#include "worlds/host.hpp"
#include "worlds/link_impairment.hpp"
#include "worlds/packets/packet_log.hpp"

namespace elblab::sim {

// Where packets come out of a link. The bytes may be changed and are valid during the call only.
class PacketSink {
 public:
  virtual ~PacketSink() = default;
  virtual void arrive(std::span<std::uint8_t> packet) = 0;
};

struct LinkOptions {
  std::string name;                // the host's
  telemetry::ObjectId object = 0;  // as what it records
  double loss = 0;                 // probability per packet, each direction
  Duration jitter{0};
  bool native_host = false;             // the host's end belongs to an ns-3 stack
  telemetry::ObjectId host_object = 0;  // the host, in the packet log
};

// Of one direction. Drops by reason: queue full, loss, down, and others (no neighbour, too large).
struct LinkCounters {
  std::uint64_t sent = 0;
  std::uint64_t delivered = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_delivered = 0;
  std::uint64_t dropped_queue_full = 0;
  std::uint64_t dropped_loss = 0;
  std::uint64_t dropped_down = 0;
  std::uint64_t dropped_other = 0;
  std::uint64_t on_medium = 0;  // given to the medium, not yet come out or lost there

  std::uint64_t dropped() const {
    return dropped_queue_full + dropped_loss + dropped_down + dropped_other;
  }
};

class Link final : public worlds::HostLink {
 public:
  // `stream` is the link's own ("link/c1"). recorder must outlive the link.
  Link(LinkOptions options, const random::Stream& stream, telemetry::Recorder& recorder);
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // Before the run. The sinks must outlive the link; a native host has none.
  void set_medium(std::unique_ptr<Medium> medium) { medium_ = std::move(medium); }
  void attach(End end, PacketSink& sink) { direction_to(end).sink = &sink; }
  void capture_to(std::unique_ptr<pcap::Writer> writer) { capture_ = std::move(writer); }
  // What passes the host's end, and what is lost. The log must outlive the link; nullptr: nowhere.
  void log_to(worlds::PacketLog* log) { log_ = log; }

  // One IP packet enters at `from`. Copied where it has to wait.
  void send(End from, std::span<const std::uint8_t> packet);

  void set_up(bool up) override { up_ = up; }
  bool up() const { return up_; }
  void set_loss(double probability) override;

  // For media: a packet came out at `at`; a packet taken before was lost on the way from `from`.
  void carried(End at, std::span<std::uint8_t> packet);
  void lost(End from, std::span<const std::uint8_t> packet, telemetry::Reason reason);
  // For media of a native host: its stack handed a packet to its device by itself.
  void sent_natively(std::span<const std::uint8_t> packet);

  const std::string& name() const { return options_.name; }
  bool native_host() const { return options_.native_host; }
  telemetry::ObjectId object() const { return options_.object; }
  const LinkCounters& counters(End from) const { return directions_[index_of(from)].counters; }
  std::uint64_t dropped() const override;
  // What breaks the invariant; nullopt if nothing does.
  std::optional<std::string> conservation_problem() const;
  // Closes the capture file; the error of writing it, if any.
  Expected<void> close_capture();

 private:
  // From one end to the other.
  struct Direction {
    Direction(const LinkOptions& options, const random::Stream& stream, Link& link, End from);
    LinkCounters counters;
    worlds::LinkImpairment impairment;
    DelayLine delay_line;
    PacketSink* sink = nullptr;
  };

  Direction& direction_from(End from) { return directions_[index_of(from)]; }
  Direction& direction_to(End to) { return directions_[index_of(opposite(to))]; }
  bool impaired_before_medium(End from) const {
    return options_.native_host && from == End::second;
  }
  // Gone, or held back: true. Otherwise the packet goes on now.
  bool impair(End from, std::span<const std::uint8_t> packet);
  void released(End from, std::span<std::uint8_t> packet);
  void left_host(std::span<const std::uint8_t> packet);
  void transmit(End from, std::span<const std::uint8_t> packet);
  void deliver(End at, std::span<std::uint8_t> packet);
  void drop(End from, std::span<const std::uint8_t> packet, telemetry::Reason reason);

  LinkOptions options_;
  telemetry::Recorder& recorder_;
  std::array<Direction, 2> directions_;  // by the end they come from
  std::unique_ptr<Medium> medium_;
  std::unique_ptr<pcap::Writer> capture_;
  worlds::PacketLog* log_ = nullptr;
  bool up_ = true;
};

}  // namespace elblab::sim
