// What a layer-4 node, or all nodes of a balancer together, count.
#pragma once

#include <array>
#include <cstdint>

#include "models/telemetry/recorder.hpp"

namespace elblab::forwarding {

struct ForwarderCounters {
  std::uint64_t packets_in = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t packets_forwarded = 0;
  std::uint64_t bytes_forwarded = 0;
  std::uint64_t packets_absorbed = 0;  // taken for itself: echo requests answered
  std::uint64_t packets_made = 0;      // originated: RST on idle, echo replies
  // A balancer's, for the bandwidth of its public address: packets that wait (they are neither
  // forwarded nor dropped yet), and of packets_made those that wait or were dropped.
  std::uint64_t packets_waiting = 0;
  std::uint64_t made_unsent = 0;
  // The client side alone, both ways (m5..m8).
  std::uint64_t packets_from_clients = 0;
  std::uint64_t packets_to_clients = 0;
  std::uint64_t bytes_from_clients = 0;
  std::uint64_t bytes_to_clients = 0;
  std::uint64_t sessions_opened = 0;
  std::uint64_t sessions_closed = 0;
  std::uint64_t idle_timeouts = 0;
  std::uint64_t five_tuple_conflicts = 0;  // FTC-01
  std::uint64_t source_ports_remapped = 0;
  std::array<std::uint64_t, static_cast<std::size_t>(telemetry::Reason::count_)> dropped{};

  std::uint64_t dropped_total() const;
  // What left: forwarded or made.
  std::uint64_t packets_sent() const { return packets_forwarded + packets_made - made_unsent; }
  bool conserved() const {
    return packets_in + made_unsent ==
           packets_forwarded + packets_absorbed + dropped_total() + packets_waiting;
  }
};

// Gauges, counted as they change (O(1) to read).
struct SessionGauges {
  std::uint64_t established = 0;      // m2
  std::uint64_t not_established = 0;  // m3, TCP only
  std::uint64_t udp = 0;
  std::uint64_t source_ports_in_use = 0;
  std::uint64_t source_ports = 0;  // that there are (BW-10)
  std::uint64_t all() const { return established + not_established + udp; }  // m1
  SessionGauges& operator+=(const SessionGauges& other) {
    established += other.established;
    not_established += other.not_established;
    udp += other.udp;
    source_ports_in_use += other.source_ports_in_use;
    source_ports += other.source_ports;
    return *this;
  }
};

}  // namespace elblab::forwarding
