// A host that stands beside a node of the balancer, on its Fabric, without a link: where what
// probes servers runs (HC-20). Its applications use the sockets of a host model, the same in every
// world: what they send are packets, which meet model hosts or real kernels.
//
// Several may share one address (nodes of one zone that probe from the same one). Each then has a
// part of the ephemeral ports and of the identifiers of echo requests for itself, and claims what
// answers these; what is no answer to anybody - an echo request, a connection to it - is the first
// one's.
//
// Contract of network::Node; the Fabric is told of it before the run (Network::attach). An
// application is the caller's and must outlive the host; it is woken by the Fabric's timers. What
// is sent outside a call of the Fabric leaves with its next advance(), which next_deadline() asks
// for at once.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "models/health/prober.hpp"
#include "models/host/host.hpp"
#include "models/network/node.hpp"
#include "models/time/deadline_book.hpp"
#include "models/workload/application.hpp"

namespace elblab::worlds {

struct ManagementHostOptions {
  host::HostOptions host;   // its addresses lie in the source block or the backend subnet (FWD-06)
  std::uint16_t place = 0;  // the zone that it is in, by number
  unsigned share = 0;       // which of those that share the address it is
  unsigned shares = 1;      // how many they are: all with the same range of ephemeral ports
};

class ManagementHost final : public network::Node,
                             public health::EchoSender,
                             private net::PacketOutput {
 public:
  // An echo reply: who sent it, and the number that send_echo() was given.
  using EchoReply =
      std::function<void(const net::IpAddress& from, std::uint16_t number, Instant now)>;

  ManagementHost(ManagementHostOptions options, const random::Stream& stream,
                 telemetry::Recorder& recorder);

  host::Sockets& sockets() { return host_; }
  const host::HostCounters& counters() const { return host_.counters(); }
  // Before start().
  void add(workload::Application& application);
  void start(Instant now);
  // Somebody used an application outside a call of the Fabric: its deadline may have moved.
  void settle() { applications_.settle(); }
  // The zone that it is in goes out of service: it stands still, and takes nothing.
  void set_up(bool up) { up_ = up; }
  // Sends an echo request of this number (HC-40), from its first address of that IP version; false:
  // it has none. The reply goes to the function given last.
  bool send_echo(const net::IpAddress& to, std::uint16_t number, Instant now) override;
  void on_echo_reply(EchoReply reply) { echo_reply_ = std::move(reply); }

  std::vector<net::IpAddress> addresses() const override { return host_.options().addresses; }
  network::Claim claim(const net::PacketView& packet) const override;
  std::optional<network::HeldFlow> held_flow(const network::Claim&) const override {
    return std::nullopt;  // its claims are certain
  }
  bool receive(net::PacketView& packet, std::size_t received_bytes, const network::Claim& claim,
               Instant now, network::NodeOutput& out) override;
  Instant next_deadline() const override;
  void advance(Instant now, network::NodeOutput& out) override;
  void finish(Instant now) override { host_.finish(now); }
  network::NodeCounts counts() const override;
  // Of all packets, headers of IP included.
  std::uint64_t bytes() const { return bytes_in_ + bytes_out_; }
  std::uint64_t packets_sent() const { return packets_out_; }
  std::uint64_t packets_received() const { return packets_in_; }

 private:
  class Turn;

  void send(std::span<const std::uint8_t> packet) override;
  // Whose a port, or an identifier, of the shared address is.
  unsigned share_of(std::uint16_t port) const;
  std::uint16_t echo_identifier() const;

  std::uint16_t place_;
  unsigned share_;
  unsigned shares_;
  bool up_ = true;
  std::uint64_t bytes_in_ = 0;
  std::uint64_t bytes_out_ = 0;
  std::uint16_t first_port_;  // of the ephemeral ports that all of them share
  std::uint16_t last_port_;
  host::Host host_;
  DeadlineBook applications_;
  std::vector<workload::Application*> started_;
  EchoReply echo_reply_;
  network::NodeOutput* out_ = nullptr;  // during a call of the Fabric
  std::vector<std::vector<std::uint8_t>> outbox_;
  std::uint64_t packets_in_ = 0;
  std::uint64_t packets_out_ = 0;
};

}  // namespace elblab::worlds
