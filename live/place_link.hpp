// A link between two places, in this process: a shaped line each way between two fabrics.
//
// What comes out goes to the fabric at the other end in the loop's next turn of this link, never
// within the call that sent it: two fabrics may send to each other. Conservation, per direction: sent
// == delivered + dropped + held.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "live/link_end.hpp"
#include "live/pollable.hpp"
#include "live/shaped_line.hpp"
#include "worlds/host.hpp"
#include "worlds/packets/packet_log.hpp"

namespace elblab::live {

class PlaceLink final : public Pollable, public worlds::HostLink {
 public:
  // `stream` is the link's own ("link/az1-az2"). recorder must outlive the link.
  PlaceLink(std::string name, telemetry::ObjectId object, const language::Link& parameters,
            const random::Stream& stream, telemetry::Recorder& recorder);
  PlaceLink(const PlaceLink&) = delete;
  PlaceLink& operator=(const PlaceLink&) = delete;

  // 0 and 1: at the place it leads from, and at the one it leads to.
  LinkEnd& end(std::size_t which) { return which == 0 ? first_.end : second_.end; }
  // Before the run: where lost packets are told. The log must outlive the link; nullptr: nowhere.
  void log_to(worlds::PacketLog* log) { log_ = log; }

  int descriptor() const override { return kNoDescriptor; }
  bool ready(Instant) override { return false; }
  Instant next_deadline() const override;
  void advance(Instant now) override;
  void flush() override {}

  void set_up(bool up) override;
  void set_loss(double probability) override;
  std::uint64_t dropped() const override;
  // What breaks the conservation of packets; nullopt if nothing does.
  std::optional<std::string> conservation_problem() const;

 private:
  // One direction, with the end that it begins at.
  struct Direction final : public LineExit {
    class End final : public LinkEnd {
     public:
      explicit End(Direction& direction) : direction_(direction) {}
      void deliver_to(PortReceiver& receiver) override { direction_.opposite->receiver = &receiver; }
      void send(std::span<const std::uint8_t> packet, Instant now) override {
        direction_.send(packet, now);
      }
      worlds::PortTraffic traffic() const override {
        return {direction_.opposite->delivered, direction_.line.counters().entered};
      }

     private:
      Direction& direction_;
    };

    Direction(PlaceLink& link, const language::Link& parameters, const random::Stream& stream)
        : owner(link), line(parameters, stream, *this), end(*this) {}

    void send(std::span<const std::uint8_t> packet, Instant now);
    void released(std::span<std::uint8_t> packet, Instant now) override;
    void dropped(std::span<const std::uint8_t> packet, telemetry::Reason reason,
                 Instant now) override;
    void keep(std::span<const std::uint8_t> packet, Instant now);
    void deliver(Instant now);

    PlaceLink& owner;
    ShapedLine line;
    End end;
    Direction* opposite = nullptr;
    PortReceiver* receiver = nullptr;  // where this direction ends
    std::deque<std::vector<std::uint8_t>> arrived;
    Instant arrived_at;  // the first of them
    std::uint64_t delivered = 0;
  };

  std::string name_;
  telemetry::ObjectId object_;
  telemetry::Recorder& recorder_;
  worlds::PacketLog* log_ = nullptr;
  Direction first_;
  Direction second_;
};

}  // namespace elblab::live
