// The TCP of a host: finds whose a segment is, and carries out the Sockets calls.
#pragma once

#include "models/host/icmp_error.hpp"
#include "models/host/tcp/tcp_timers.hpp"
#include "models/host/tcp/time_wait_input.hpp"

namespace elblab::host {

class TcpStack {
 public:
  TcpStack(const HostOptions& options, const random::Stream& stream, HostCounters& counters,
           HostLog& log, NetworkInterface& wire, SocketNotices& notices);

  // A valid TCP packet for one of the host's addresses.
  void receive(const Segment& segment, Instant now);
  // An ICMP error quoted a segment of ours with this flow (as sent) and sequence number.
  void failed(const net::FlowKey& sent, std::uint32_t sequence, const IcmpError& error,
              Instant now);
  // An ICMP message says that the segment of this flow and sequence number was longer than a link
  // of its path takes: shorter ones are sent from now on, and what is in flight again
  // (tcp_mtu_reduced).
  void packet_too_long(const net::FlowKey& sent, std::uint32_t sequence, std::uint32_t mtu_bytes,
                       Instant now);
  Instant next_deadline() const { return timers_.next_deadline(); }
  void advance(Instant now) { timers_.advance(now); }
  void finish(Instant now);
  void sysctls_changed();

  ConnectResult connect(const net::Endpoint& source, const net::Endpoint& destination,
                        SocketEvents& events, Instant now);
  std::optional<ListenerId> listen(const ListenOptions& options, SocketEvents& events);
  void stop_listening(ListenerId id, Instant now);
  SocketId accept(ListenerId id, SocketEvents& events, Instant now);
  SocketError send(SocketId socket, std::span<const std::uint8_t> bytes, Instant now);
  SocketError send_pattern(SocketId socket, std::uint64_t bytes, Instant now);
  void shutdown(SocketId socket, Instant now);
  // See host.hpp.
  void read_on_demand(SocketId socket);
  void read(SocketId socket, Instant now);
  void close(SocketId socket, Instant now);
  void abort(SocketId socket, Instant now);
  const TcpConnection* find(SocketId socket) const { return shared_.connections.find(socket); }
  std::size_t accept_queue_length(ListenerId id) const;
  // The fullest accept queue with its capacity, and the ports that connect() has to choose from.
  // O(listeners + addresses).
  struct Occupancy {
    std::size_t accept_queue = 0;
    std::size_t accept_queue_limit = 0;  // 0: nobody listens
    std::size_t local_ports = 0;
  };
  Occupancy occupancy() const;
  std::size_t memory_bytes() const;

 private:
  void empty_receive_buffer(const TcpConnection& connection);
  bool has_unread(const TcpConnection& connection);
  bool resets_on_abort(const TcpConnection& connection) const;
  SendState* writable(TcpConnection* connection);
  void written(TcpConnection& connection, Instant now);
  void close_sending(TcpConnection& connection, Instant now);

  TcpShared shared_;
  TcpLifecycle lifecycle_;
  TcpOutput output_;
  TcpReceiver receiver_;
  TcpInput input_;
  ActiveOpen active_;
  PassiveOpen passive_;
  TimeWaitInput time_wait_;
  TcpTimers timers_;
};

}  // namespace elblab::host
