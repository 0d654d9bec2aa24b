// Watches the packets of one host's link and tells what became of the host's TCP connections: the
// records, events and counters that a model host (models/host) keeps of itself, for hosts whose
// inside cannot be seen. So outcomes of both worlds can be compared.
//
// What is told:
//   - a ConnectionRecord for every connection when it ends, with the reasons of models/host; what
//     no packet shows comes through SilentEnds from whoever holds the sockets
//   - SYNs that met TIME_WAIT (linux-host.md rows 14, 15): one towards the host on a connection
//     that the host closed first less than `time_wait` ago, answered by SYN+ACK (reused) or by a
//     pure ACK (refused); with an event each
//   - of HostCounters: packets, bytes, connections_*, refused_locally, resets, retransmissions,
//     time_wait_*, and the gauges
//
// Limits, where packets do not tell enough: a handshake is counted as accepted when its last ACK
// passes, and taken back when the host repeats its SYN+ACK (row 21); a SYN+ACK that nobody answers
// stands for a half-open connection until its repetition is overdue, and is then told as timed_out,
// a SYN cookie too; a host that closes while data is still queued has closed first only when its
// FIN leaves first; orphans in FIN_WAIT_2 that the host forgets stay until the end of the run.
//
// Pure: bytes and time come in. Packets are left as they are, and malformed ones are passed over.
// O(1) per packet (expiries O(log n)); at most Options::most_connections are watched at once.
#pragma once

#include <span>

#include "models/host/host.hpp"
#include "models/net/packet_view.hpp"
#include "models/observation/silent_ends.hpp"
#include "models/observation/watched_connections.hpp"

namespace elblab::host {
struct Segment;
}

namespace elblab::observation {

class ConnectionWatch final : public SilentEnds {
 public:
  struct Options {
    telemetry::ObjectId object = 0;
    Duration time_wait = std::chrono::seconds(60);  // TCP_TIMEWAIT_LEN (row 12)
    bool time_wait_protected = false;  // net.ipv4.tcp_rfc1337: a RST does not end it (row 16)
    bool record_connections = true;
    std::size_t most_connections = 1'000'000;
  };

  // The recorder must outlive the watch.
  ConnectionWatch(const Options& options, telemetry::Recorder& recorder);

  // A whole IP packet that the host sent, or that is about to reach it.
  void sent(std::span<std::uint8_t> packet, Instant now);
  void received(std::span<std::uint8_t> packet, Instant now);
  // Lets what has run out by `now` end; sent() and received() do so too.
  void advance(Instant now);
  // Ends the run: open connections are recorded with Reason::run_ended.
  void finish(Instant now);

  // SilentEnds
  void refused_locally(const net::FlowKey& flow, Instant now) override;
  void ended_silently(const net::FlowKey& flow, telemetry::Reason reason, Instant now) override;

  const host::HostCounters& counters() const { return counters_; }
  std::uint64_t not_watched() const { return not_watched_; }  // for want of room

 private:
  using State = WatchedConnection::State;

  // What the host sent.
  void reset_sent(WatchedConnection& connection, const host::Segment& segment, Instant now);
  void syn_sent(WatchedConnection* connection, const host::Segment& segment, Instant now);
  void syn_ack_sent(WatchedConnection* connection, const host::Segment& segment, Instant now);
  void segment_sent(WatchedConnection& connection, const host::Segment& segment, Instant now);
  // What reached it.
  void received_in_time_wait(WatchedConnection& connection, const host::Segment& segment,
                             Instant now);
  void received_in_syn_sent(WatchedConnection& connection, const host::Segment& segment,
                            Instant now);
  void received_in_syn_received(WatchedConnection& connection, const host::Segment& segment,
                                Instant now);
  static bool repeats_first_data(const WatchedConnection& c, const host::Segment& segment);
  void received_established(WatchedConnection& connection, const host::Segment& segment,
                            Instant now);
  // The peer's bytes up to `end` have been taken.
  static void take_until(WatchedConnection& connection, std::uint32_t end);
  void acknowledged(WatchedConnection& connection, std::uint32_t acknowledgment);
  // Both FINs may have been acknowledged now.
  void settle(WatchedConnection& connection, Instant now);

  WatchedConnection* open(const host::Segment& segment, State state, Instant now);
  void enter_time_wait(WatchedConnection& connection, Instant now);
  void leave_time_wait(WatchedConnection& connection);
  void end(WatchedConnection& connection, telemetry::Reason reason, Instant now);
  void record(const WatchedConnection& connection, telemetry::Reason reason, Instant now);
  void time_wait_event(telemetry::EventKind kind, const WatchedConnection& connection, Instant now);
  void time_wait_refused(const WatchedConnection& connection, Instant now);
  // Adds or takes the connection from the gauges of its state.
  void count(const WatchedConnection& connection, std::uint64_t by);

  Options options_;
  telemetry::Recorder& recorder_;
  host::HostCounters counters_;
  WatchedConnections connections_;
  std::uint64_t not_watched_ = 0;
};

}  // namespace elblab::observation
