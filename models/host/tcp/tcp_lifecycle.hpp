// Begins and ends connections: table entries, gauges, ports, pools, and the one ConnectionRecord.
#pragma once

#include "models/host/tcp/tcp_shared.hpp"

namespace elblab::host {

class TcpLifecycle {
 public:
  explicit TcpLifecycle(TcpShared& shared) : shared_(shared) {}

  // A record in the flow table, with the options and windows of a new connection. The flow must
  // not be in the table, but for a TIME_WAIT record `replaces` whose place it takes.
  TcpConnection& open(const net::Endpoint& local, const net::Endpoint& remote, std::uint32_t hash,
                      TcpState state, Instant now);
  void set_state(TcpConnection& connection, TcpState state);
  // The connection is over: recorded, forgotten, its application told. The reference is dead after.
  void finish(TcpConnection& connection, telemetry::Reason reason, SocketError error, Instant now);
  // As finish(), but of a connection nobody has accepted: its place in the accept queue and what
  // it has received stay (TCP_CLOSE with sk_err), until accept() and forget().
  void abandon(TcpConnection& connection, telemetry::Reason reason, Instant now);
  // The application of an abandoned connection is told; no second record. The reference is dead
  // after.
  void forget(TcpConnection& connection, SocketError error, Instant now);
  // An orderly end on the side that closed first; finish() without TIME_WAIT when
  // tcp_max_tw_buckets are held.
  void enter_time_wait(TcpConnection& connection, Instant now);
  // A record of TIME_WAIT is over; its port is free again unless `keep_port`.
  void end_time_wait(std::uint32_t slot, bool keep_port = false);
  // The orderly end's reason: who sent the first FIN.
  static telemetry::Reason closed_first(const TcpConnection& connection) {
    return connection.local_fin_first ? telemetry::Reason::closed_by_local
                                      : telemetry::Reason::closed_by_peer;
  }

  // What the application hears at the end: of a reset, EPIPE when its peer had finished
  // (tcp_reset).
  static SocketError final_error(const TcpConnection& connection) {
    if (!connection.was_reset) return SocketError::none;
    return connection.broken_pipe ? SocketError::not_connected : SocketError::connection_reset;
  }

 private:
  void record(const TcpConnection& connection, telemetry::Reason reason, Instant now);
  void release_transfer(TcpConnection& connection);
  void leave_tables(const TcpConnection& connection);
  void count(TcpState state, std::uint64_t by);

  TcpShared& shared_;
};

}  // namespace elblab::host
