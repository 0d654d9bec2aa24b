// A Linux host as client and as server: TCP, UDP and ICMP as linux-host.md §§1–4 measured them.
//
// One object holds many addresses and many thousands of flows, with one lazy timer. Packets in and
// out are whole IP packets. Pure: time comes with every call, randomness from the stream given at
// construction, what happens goes to the recorder. Nothing a packet holds can make it throw.
//
// Scope and limits: no IP fragments, no urgent data, no path MTU discovery; congestion control is
// NewReno with SACK-based recovery and a retransmission timer after RFC 6298 with Linux's 200 ms
// floor.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "models/host/sockets.hpp"
#include "models/host/sysctls.hpp"
#include "models/net/packet_output.hpp"
#include "models/random/stream.hpp"
#include "models/telemetry/recorder.hpp"

namespace elblab::host {

// How a host draws initial sequence numbers. Linux: keyed hash of the 4-tuple plus a clock of
// 64 ns ticks, so a reused 4-tuple sees a higher number (row 27). `random` is a peer that does not
// (some NATs and embedded stacks), for which TIME_WAIT reuse may be refused (FTC-14).
enum class InitialSequence : std::uint8_t { hashed_clock, random };

struct HostOptions {
  std::string name;
  telemetry::ObjectId object = 0;
  std::vector<net::IpAddress> addresses;  // at least one
  Sysctls sysctls;
  Duration time_wait = std::chrono::seconds(60);  // TCP_TIMEWAIT_LEN (row 12)
  InitialSequence initial_sequence = InitialSequence::hashed_clock;
  std::uint16_t mtu = 1500;
  bool record_connections = true;
};

// Gauges and totals, each O(1) but for the accept queue, O(listeners).
struct HostCounters {
  std::uint64_t packets_in = 0;
  std::uint64_t packets_out = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t connections_opened = 0;       // SYN sent by connect()
  std::uint64_t connections_established = 0;  // as client
  std::uint64_t connections_accepted = 0;     // handshake completed as server
  std::uint64_t connections_failed = 0;       // as client, after a SYN was sent
  std::uint64_t refused_locally = 0;          // EADDRNOTAVAIL: no SYN sent
  std::uint64_t resets_sent = 0;
  std::uint64_t resets_received = 0;
  std::uint64_t retransmissions = 0;
  std::uint64_t syn_retransmissions = 0;  // of these, SYN and SYN+ACK (TcpExtTCPSynRetrans)
  std::uint64_t challenge_acks = 0;
  std::uint64_t time_wait_reused = 0;   // SYN accepted in TIME_WAIT (row 15)
  std::uint64_t time_wait_refused = 0;  // SYN answered by ACK in TIME_WAIT (row 14)
  std::uint64_t listen_overflows = 0;   // accept queue full (rows 20, 21)
  std::uint64_t syncookies_sent = 0;
  std::uint64_t icmp_unreachable_sent = 0;
  std::uint64_t icmp_rate_limited = 0;
  std::uint64_t udp_sent = 0;
  std::uint64_t udp_received = 0;
  // gauges
  std::uint64_t time_wait = 0;  // sockets in TIME_WAIT
  std::uint64_t established = 0;
  std::uint64_t syn_received = 0;
  std::uint64_t open = 0;  // TCP sockets in any state but TIME_WAIT and LISTEN
  // The listener whose accept queue is fullest, for its size: length and capacity (ss -ltn shows
  // Recv-Q and one less than that as Send-Q).
  std::uint64_t accept_queue = 0;
  std::uint64_t accept_queue_limit = 0;
  // Ephemeral ports towards one destination, over all addresses of a family.
  std::uint64_t local_ports = 0;
  std::array<std::uint64_t, static_cast<std::size_t>(telemetry::Reason::count_)> dropped{};
};

class Host final : public Sockets {
 public:
  // recorder must outlive the host. Sockets calls made outside receive()/advance() emit packets
  // into `out`, the host's network interface, which must outlive the host too.
  Host(HostOptions options, random::Stream stream, telemetry::Recorder& recorder,
       net::PacketOutput& out);
  ~Host() override;

  void receive(std::span<std::uint8_t> packet, Instant now);
  // The earliest instant at which advance() has something to do; may be early, never late.
  Instant next_deadline() const;
  void advance(Instant now);
  // Ends the run: every open connection is recorded with Reason::run_ended.
  void finish(Instant now);

  const HostCounters& counters() const;
  const HostOptions& options() const;
  // Takes effect for what happens from now on.
  void set_sysctl(const SysctlEntry& entry, std::int64_t value);
  // Accept queue length of a listener (a gauge; row 20).
  std::size_t accept_queue_length(ListenerId listener) const;
  std::size_t memory_bytes() const;

  // The application of a TCP socket takes what comes when it calls read(), not at once: until then
  // it waits in the receive buffer, whose window closes. What has come is handed over by
  // received(), then the peer's FIN by peer_finished(); a reset is heard of in any case.
  void read_on_demand(SocketId socket);
  void read(SocketId socket, Instant now);

  // Sockets
  ConnectResult connect(const net::Endpoint& source, const net::Endpoint& destination,
                        SocketEvents& events, Instant now) override;
  std::optional<ListenerId> listen(const ListenOptions& options, SocketEvents& events,
                                   Instant now) override;
  void stop_listening(ListenerId listener, Instant now) override;
  SocketId accept(ListenerId listener, SocketEvents& events, Instant now) override;
  SocketError send(SocketId socket, std::span<const std::uint8_t> bytes, Instant now) override;
  SocketError send_pattern(SocketId socket, std::uint64_t bytes, Instant now) override;
  void shutdown(SocketId socket, Instant now) override;
  void close(SocketId socket, Instant now) override;
  void abort(SocketId socket, Instant now) override;
  ConnectResult open_udp(const net::Endpoint& local, const std::optional<net::Endpoint>& peer,
                         SocketEvents& events, Instant now) override;
  SocketError send_datagram(SocketId socket, const net::Endpoint& to,
                            std::span<const std::uint8_t> bytes, Instant now) override;
  std::optional<net::Endpoint> local_endpoint(SocketId socket) const override;
  std::optional<net::Endpoint> peer_endpoint(SocketId socket) const override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace elblab::host
