// Listeners: SYN queue, accept queue, cookies (rows 1, 6, 20–23).
// tcp_conn_request, tcp_check_req and reqsk_timer_handler of Linux.
#pragma once

#include "models/host/tcp/tcp_input.hpp"

namespace elblab::host {

class PassiveOpen {
 public:
  PassiveOpen(TcpShared& shared, TcpLifecycle& lifecycle, TcpOutput& output, TcpInput& input)
      : shared_(shared), lifecycle_(lifecycle), output_(output), input_(input) {}

  // A segment for a listener that belongs to no connection. `initial_sequence`: given when the
  // flow was in TIME_WAIT here (row 15); such a SYN is not refused for a full SYN queue.
  void receive(Listener& listener, const Segment& segment,
               std::optional<std::uint32_t> initial_sequence, Instant now);
  // A segment of a connection in SYN_RECEIVED.
  void receive(TcpConnection& connection, const Segment& segment, Instant now);
  void timed_out(TcpConnection& connection, Instant now);
  // Nobody listens any more: half-open connections vanish, unaccepted ones are reset.
  void stop(Listener& listener, Instant now);
  // Takes a connection out of the accept queue, nullptr when it is empty. One that was reset
  // meanwhile is given too, as by Linux: the application hears closed() afterwards.
  TcpConnection* accept(Listener& listener, SocketEvents& events, Instant now);
  // A half-open connection ends without having been established.
  void drop(TcpConnection& connection, telemetry::Reason reason, Instant now);

 private:
  static bool echoes_nothing_sent(const TcpConnection& connection, const Segment& segment);
  void open(Listener& listener, const Segment& syn, std::uint32_t initial_sequence, Instant now);
  // The ACK of a cookie; false: it is none.
  bool complete_cookie(Listener& listener, const Segment& segment, Instant now);
  void complete(TcpConnection& connection, Listener* listener, const Segment& segment, Instant now);
  void resend(TcpConnection& connection, Instant now);
  bool syn_queue_prunes(const Listener& listener, unsigned retries) const;
  void leave_syn_queue(TcpConnection& connection);
  TcpConnection& embryo(const Segment& segment, Instant now);

  TcpShared& shared_;
  TcpLifecycle& lifecycle_;
  TcpOutput& output_;
  TcpInput& input_;
};

}  // namespace elblab::host
