// Segments of connections in a synchronised state (ESTABLISHED and later), as Linux's
// tcp_validate_incoming, tcp_ack and tcp_rcv_state_process treat them (their data: TcpReceiver):
// rows 7–11, 26 of linux-host.md, RFC 9293 §3.10.7.4, RFC 5961, RFC 7323 §5.
//
// The order is the kernel's: check, acknowledge, change state, take data, send what may be sent,
// acknowledge if due; only then does the application hear of it.
#pragma once

#include "models/host/tcp/tcp_lifecycle.hpp"
#include "models/host/tcp/tcp_output.hpp"
#include "models/host/tcp/tcp_receiver.hpp"

namespace elblab::host {

class TcpInput {
 public:
  TcpInput(TcpShared& shared, TcpLifecycle& lifecycle, TcpOutput& output, TcpReceiver& receiver)
      : shared_(shared), lifecycle_(lifecycle), output_(output), receiver_(receiver) {}

  // A segment of a connection in a synchronised state. The connection may be gone afterwards.
  void receive(TcpConnection& connection, const Segment& segment, Instant now);
  // Whether the segment's acknowledgment is to be looked at (tcp_validate_incoming); if not, it is
  // dealt with, and the connection may be gone.
  bool acceptable(TcpConnection& connection, const Segment& segment, Instant now);
  // The payload and FIN of a segment whose sequence, RST and ACK are dealt with (the one that
  // completed the handshake).
  void take_text(TcpConnection& connection, const Segment& segment, Instant now);
  // RFC 7323 §5: the timestamp is older than TS.Recent. `slack`: allowed age in ms.
  static bool too_old(const TcpConnection& connection, const Segment& segment, std::uint32_t slack);

 private:
  static bool late_pure_ack(const TcpConnection& connection, const Segment& segment);
  // True: the peer's window is what the segment says.
  bool update_window(TcpConnection& connection, const Segment& segment, Instant now);
  // False: the segment is dealt with.
  bool acknowledge(TcpConnection& connection, const Segment& segment, TcpNotices& notices,
                   Instant now);
  bool old_acknowledgment(TcpConnection& connection, const Segment& segment, Instant now);
  void set_timer(Flight flight, const LossRecovery::Outcome& outcome, Instant now);
  void probe_answered(Flight flight, Instant now);
  void all_acknowledged(TcpConnection& connection, TcpNotices& notices);
  // False: the connection ended.
  bool change_state(TcpConnection& connection, const Segment& segment, Instant now);
  void orphan_in_fin_wait_2(TcpConnection& connection, const Segment& segment, Instant now);
  void take_and_answer(TcpConnection& connection, const Segment& segment, TcpNotices& notices,
                       Instant now);
  void enter_time_wait_if_done(SocketId id, Instant now);
  void end_by_reset(TcpConnection& connection, Instant now);

  TcpShared& shared_;
  TcpLifecycle& lifecycle_;
  TcpOutput& output_;
  TcpReceiver& receiver_;
};

}  // namespace elblab::host
