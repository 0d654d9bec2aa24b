// A port of the network: the packet ring of one host's link, and the link's shaping in both
// directions.
//
//   ring -> [to_balancer: rate, delay, loss] -> batch for the receiver
//   send() -> [to_host: rate, delay, loss] -> ring
//
// The loop polls it: a portion of what waits in the ring, packets due to come out of the link, and
// flush() when send() has put something into the ring.
//
// Every packet lost on the link gives one packet_dropped event. A capture shows what the host's end
// sees. Conservation: what the ring gave == into batches + dropped + held, and what send() was
// given
// == to the ring + dropped + held.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "live/link_end.hpp"
#include "live/packet_io/packet_io.hpp"
#include "live/pollable.hpp"
#include "live/shaped_line.hpp"
#include "pcap/writer.hpp"
#include "worlds/host.hpp"
#include "worlds/packets/packet_log.hpp"

namespace elblab::live {

// Sees, and may change, what passes the host's end of a link: a packet as the host sent it, before
// the link; a packet that comes out of the link for the host.
class HostEndWatch {
 public:
  virtual ~HostEndWatch() = default;
  virtual void sent_by_host(std::span<std::uint8_t> packet, Instant now) = 0;
  virtual void comes_to_host(std::span<std::uint8_t> packet, Instant now) = 0;
};

struct PortOptions {
  std::string name;                // the host's
  telemetry::ObjectId object = 0;  // the link, as what it records
  language::Link link;
  telemetry::ObjectId host_object = 0;  // in the packet log
};

class Port final : public worlds::HostLink, public LinkEnd, public Pollable {
 public:
  static constexpr std::size_t kPortion = 64;  // packets taken from the ring in a row

  // `stream` is the link's own ("link/c1"). recorder must outlive the port.
  Port(PortOptions options, const random::Stream& stream, telemetry::Recorder& recorder,
       std::unique_ptr<PacketIo> io);

  // Before the run, all of these.
  void deliver_to(PortReceiver& receiver) override { receiver_ = &receiver; }
  // The watch must outlive the port.
  void watch(HostEndWatch& watch) { watch_ = &watch; }
  void capture_to(std::unique_ptr<pcap::Writer> writer) { capture_ = std::move(writer); }
  // What passes the host's end, and what is lost. The log must outlive the port; nullptr: nowhere.
  void log_to(worlds::PacketLog* log) { log_ = log; }

  // Pollable. Packets of the host wait, or are due to come out of the link, either way.
  int descriptor() const override { return io_->descriptor(); }
  bool ready(Instant now) override;
  Instant next_deadline() const override;
  void advance(Instant now) override;
  void flush() override { io_->flush(); }
  // A packet from the network to the host; reaches the kernel with flush().
  void send(std::span<const std::uint8_t> packet, Instant now) override;
  worlds::PortTraffic traffic() const override {
    return {to_balancer_.counters().left, to_host_.counters().entered};
  }

  void set_up(bool up) override;
  void set_loss(double probability) override;
  std::uint64_t dropped() const override;

  const std::string& name() const { return options_.name; }
  const LineCounters& to_balancer() const { return to_balancer_.counters(); }
  const LineCounters& to_host() const { return to_host_.counters(); }
  PacketIoCounters ring() const { return io_->counters(); }
  // What breaks the conservation of packets; nullopt if nothing does. After flush().
  std::optional<std::string> conservation_problem() const;
  // Closes the capture file; the error of writing it, if any.
  Expected<void> close_capture();

 private:
  // One direction's way out.
  class Exit final : public LineExit {
   public:
    using Released = void (Port::*)(std::span<std::uint8_t>, Instant);
    Exit(Port& port, Released then) : port_(port), released_(then) {}
    void released(std::span<std::uint8_t> packet, Instant now) override {
      (port_.*released_)(packet, now);
    }
    void dropped(std::span<const std::uint8_t> packet, telemetry::Reason reason,
                 Instant now) override {
      port_.record_drop(packet, reason, now);
    }

   private:
    Port& port_;
    Released released_;
  };

  void deliver(Instant now);
  void released_to_balancer(std::span<std::uint8_t> packet, Instant now);
  void deliver_to_host(std::span<std::uint8_t> packet, Instant now);
  void record_drop(std::span<const std::uint8_t> packet, telemetry::Reason reason, Instant now);

  PortOptions options_;
  telemetry::Recorder& recorder_;
  std::unique_ptr<PacketIo> io_;
  Exit balancer_exit_;
  Exit host_exit_;
  ShapedLine to_balancer_;
  ShapedLine to_host_;
  PortReceiver* receiver_ = nullptr;
  PacketBatch batch_;  // on its way to the receiver
  HostEndWatch* watch_ = nullptr;
  std::unique_ptr<pcap::Writer> capture_;
  worlds::PacketLog* log_ = nullptr;
  std::vector<std::uint8_t> scratch_;  // a packet to be changed on its way to the host
};

}  // namespace elblab::live
