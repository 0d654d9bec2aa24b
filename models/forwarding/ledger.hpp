// Counts and records what a node does with packets. Every packet that arrives must end here exactly
// once: forwarded, absorbed or dropped (ForwarderCounters::conserved).
#pragma once

#include <cstddef>
#include <span>

#include "models/forwarding/counters.hpp"
#include "models/net/packet_view.hpp"
#include "models/network/node.hpp"

namespace elblab::forwarding {

class Ledger {
 public:
  Ledger(telemetry::Recorder& recorder, telemetry::ObjectId object)
      : recorder_(recorder), object_(object) {}

  void arrived(std::size_t bytes) {
    ++counters.packets_in;
    counters.bytes_in += bytes;
  }
  void arrived_from_client(std::size_t bytes) {
    ++counters.packets_from_clients;
    counters.bytes_from_clients += bytes;
  }
  void dropped(telemetry::Reason reason, const net::FlowKey& flow, Instant now);
  void absorbed() { ++counters.packets_absorbed; }

  void forward_to_client(std::span<const std::uint8_t> packet, network::NodeOutput& out) {
    count_to_client(packet.size());
    forward_to_server(packet, out);
  }
  void forward_to_server(std::span<const std::uint8_t> packet, network::NodeOutput& out) {
    ++counters.packets_forwarded;
    counters.bytes_forwarded += packet.size();
    out.send(packet, network::Origin::received);
  }
  // Packets the node makes itself.
  void originate_to_client(std::span<const std::uint8_t> packet, network::NodeOutput& out) {
    count_to_client(packet.size());
    originate(packet, out);
  }
  void originate(std::span<const std::uint8_t> packet, network::NodeOutput& out) {
    ++counters.packets_made;
    out.send(packet, network::Origin::made);
  }

  // why: Reason::sticky where the client's binding said so, stickiness_bound where it is bound by
  // this, without stickiness source_hash where its address alone decides, else none.
  void decided(const net::FlowKey& client_flow, telemetry::ObjectId server, std::int64_t index,
               Instant now, telemetry::Reason why = telemetry::Reason::none);
  // A client's binding to a server: see EventKind::stickiness_broken.
  void stickiness_broken(telemetry::Reason why, const net::FlowKey& client_flow,
                         telemetry::ObjectId server, Instant now);
  // `server_flow`: that of the flow as it would have been.
  void remapped(const net::FlowKey& server_flow, telemetry::ObjectId server, std::uint16_t port,
                Instant now);
  void conflicted(const net::FlowKey& server_flow, telemetry::ObjectId server, Instant now);
  void ended(telemetry::ConnectionRecord record);

  ForwarderCounters counters;

 private:
  void count_to_client(std::size_t bytes) {
    ++counters.packets_to_clients;
    counters.bytes_to_clients += bytes;
  }

  telemetry::Recorder& recorder_;
  telemetry::ObjectId object_;
};

}  // namespace elblab::forwarding
